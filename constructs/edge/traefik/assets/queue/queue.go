// Package queue is a Traefik middleware: a service gets so many requests at a time, and the others wait in a bounded queue.
//
// Requests with a session are first. Among equals the clients take turns, so that one that sends many delays itself and not the
// others. A request that waits too long, or exceeds the queue, gets 503 with Retry-After. A request whose client disconnected leaves the
// queue, and no slot is taken before the beginning of its body is here.
package queue

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
)

// Config is what a middleware is given; all names are those of the YAML file.
type Config struct {
	// Slots is the number of requests in work at a time.
	Slots int `json:"slots,omitempty"`
	// SlotsPerClient is the share of one client: a user with a session, otherwise an address. 0 means all slots.
	SlotsPerClient int `json:"slotsPerClient,omitempty"`
	// SessionHeader is the header by which a guard in front names the user. Without it there is one class of requests.
	SessionHeader string `json:"sessionHeader,omitempty"`
	// SlotsWithoutSession is the share of all requests without that header. 0 means all slots.
	SlotsWithoutSession int `json:"slotsWithoutSession,omitempty"`
	// Waiting is the number of requests that wait at most.
	Waiting int `json:"waiting,omitempty"`
	// WaitSeconds is the longest wait.
	WaitSeconds int `json:"waitSeconds,omitempty"`
	// OnlyBodies bounds how many bodies are read at a time, in place of how many requests are in work: a request leaves the queue when
	// the beginning of its body is here.
	OnlyBodies bool `json:"onlyBodies,omitempty"`
	// BehindProxies says that the last entry of X-Forwarded-For is the client.
	BehindProxies bool `json:"behindProxies,omitempty"`
}

// CreateConfig gives the defaults.
func CreateConfig() *Config {
	return &Config{Waiting: 100, WaitSeconds: 30}
}

// Traefik builds a middleware once for each router that names it: all of one name share one queue.
var (
	queuesMutex sync.Mutex
	queues      = map[string]*queue{}
)

type handler struct {
	next   http.Handler
	config *Config
	queue  *queue
}

// New is called by Traefik.
func New(_ context.Context, next http.Handler, config *Config, name string) (http.Handler, error) {
	if config.Slots < 1 || config.Waiting < 0 || config.WaitSeconds < 1 {
		return nil, fmt.Errorf("%s: slots and waitSeconds must be 1 or more, waiting 0 or more, got %d, %d and %d", name, config.Slots, config.WaitSeconds, config.Waiting)
	}
	if config.SlotsPerClient < 0 || config.SlotsWithoutSession < 0 {
		return nil, errors.New(name + ": a share must be 0 or more slots")
	}
	queuesMutex.Lock()
	defer queuesMutex.Unlock()
	if queues[name] == nil {
		queues[name] = newQueue(config)
	}
	return &handler{next: next, config: config, queue: queues[name]}, nil
}

func (h *handler) ServeHTTP(writer http.ResponseWriter, request *http.Request) {
	if h.config.OnlyBodies {
		h.serveBody(writer, request)
		return
	}
	if status := readAhead(request); status != 0 {
		refuse(writer, request, status)
		return
	}
	client, class := identify(request, h.config)
	entry := h.queue.enter(client, class)
	switch h.queue.wait(request.Context(), entry) {
	case admitted:
		// also after a panic, which Traefik recovers from
		defer h.queue.leave(entry)
		h.next.ServeHTTP(writer, request)
	case refused:
		refuse(writer, request, http.StatusServiceUnavailable)
	}
}

func (h *handler) serveBody(writer http.ResponseWriter, request *http.Request) {
	if !hasBody(request) {
		h.next.ServeHTTP(writer, request)
		return
	}
	client, class := identify(request, h.config)
	entry := h.queue.enter(client, class)
	switch h.queue.wait(request.Context(), entry) {
	case admitted:
		status := readAhead(request)
		h.queue.leave(entry)
		if status != 0 {
			refuse(writer, request, status)
			return
		}
		h.next.ServeHTTP(writer, request)
	case refused:
		refuse(writer, request, http.StatusServiceUnavailable)
	}
}
