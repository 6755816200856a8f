package queue

import (
	"bytes"
	"io"
	"math/rand"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	// beginning of a body that has to be here before a slot is taken: a whole form, but not a whole upload
	bodyBytes = 64 * 1024
	// time for it: 64 KiB at 26 kbit/s
	bodyPatience = 20 * time.Second
	// IPv6 addresses with the same first 64 bits are one client
	clientPrefix = 64
	// seconds after which a client asks again, apart from each other
	retryLeast = 5
	retryMost  = 15
)

// Reads the beginning of the body; gives the status with which the request is refused, or 0.
func readAhead(request *http.Request) int {
	if !hasBody(request) {
		return 0
	}
	body := request.Body
	var read bytes.Buffer
	done := make(chan error, 1)
	go func() {
		_, err := io.Copy(&read, io.LimitReader(body, bodyBytes))
		done <- err
	}()
	timer := time.NewTimer(bodyPatience)
	defer timer.Stop()
	select {
	case err := <-done:
		if err != nil {
			return http.StatusBadRequest
		}
		request.Body = io.NopCloser(io.MultiReader(&read, body))
		return 0
	case <-timer.C:
		return http.StatusRequestTimeout
	}
}

func hasBody(request *http.Request) bool {
	return request.Body != nil && request.Body != http.NoBody && request.ContentLength != 0
}

// Who asks, and how soon it is served.
func identify(request *http.Request, config *Config) (string, int) {
	if config.SessionHeader != "" {
		if user := request.Header.Get(config.SessionHeader); user != "" {
			return "user " + user, withSession
		}
	}
	return address(request, config.BehindProxies), withoutSession
}

func address(request *http.Request, behindProxies bool) string {
	host, _, err := net.SplitHostPort(request.RemoteAddr)
	if err != nil {
		host = request.RemoteAddr
	}
	if behindProxies {
		hops := strings.Split(strings.Join(request.Header.Values("X-Forwarded-For"), ","), ",")
		if last := strings.TrimSpace(hops[len(hops)-1]); last != "" {
			host = last
		}
	}
	ip := net.ParseIP(host)
	if ip == nil || ip.To4() != nil {
		return host
	}
	return ip.Mask(net.CIDRMask(clientPrefix, 128)).String()
}

// Answers a request that gets no slot.
func refuse(writer http.ResponseWriter, request *http.Request, status int) {
	header := writer.Header()
	header.Set("Cache-Control", "no-store")
	if status != http.StatusServiceUnavailable {
		// what is left of the body is not read
		header.Set("Connection", "close")
		http.Error(writer, http.StatusText(status), status)
		return
	}
	seconds := strconv.Itoa(retryLeast + rand.Intn(retryMost-retryLeast+1))
	header.Set("Retry-After", seconds)
	if !strings.Contains(request.Header.Get("Accept"), "text/html") {
		http.Error(writer, "busy: too many requests at the same time; retry after "+seconds+" seconds", status)
		return
	}
	header.Set("Content-Security-Policy", "default-src 'none'")
	header.Set("Content-Type", "text/html; charset=utf-8")
	writer.WriteHeader(status)
	_, _ = io.WriteString(writer, page(request.Method, seconds))
}

func page(method, seconds string) string {
	again, advice := "", "Wait "+seconds+" seconds, go back, and send it again."
	if method == http.MethodGet {
		again, advice = `<meta http-equiv="refresh" content="`+seconds+`">`, "This page loads again in "+seconds+" seconds."
	}
	return `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">` + again + `<title>Busy</title></head><body><h1>Busy</h1>` +
		"<p>Too many requests at the same time. " + advice + "</p></body></html>\n"
}
