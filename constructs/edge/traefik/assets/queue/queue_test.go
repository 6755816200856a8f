package queue

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// A service that blocks each request until it is released, and records the order of requests.
type service struct {
	mutex  sync.Mutex
	busy   int
	most   int
	served []string
	goOn   chan struct{}
}

func (s *service) ServeHTTP(_ http.ResponseWriter, request *http.Request) {
	body, _ := io.ReadAll(request.Body)
	s.mutex.Lock()
	s.busy++
	s.most = max(s.most, s.busy)
	s.served = append(s.served, request.URL.Path+string(body[:min(len(body), 1)]))
	s.mutex.Unlock()
	defer func() {
		s.mutex.Lock()
		s.busy--
		s.mutex.Unlock()
	}()
	<-s.goOn
	if strings.HasPrefix(request.URL.Path, "/panic") {
		panic(http.ErrAbortHandler)
	}
}

func (s *service) order() string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return strings.Join(s.served, " ")
}

type bench struct {
	t       *testing.T
	service *service
	handler *handler
	wait    sync.WaitGroup
}

func newBench(t *testing.T, config *Config) *bench {
	t.Helper()
	s := &service{goOn: make(chan struct{})}
	h, err := New(context.Background(), s, config, t.Name())
	if err != nil {
		t.Fatal(err)
	}
	return &bench{t: t, service: s, handler: h.(*handler)}
}

// Sends a request and waits until it is in work, waits, or was answered.
func (b *bench) send(path, user, address string) *httptest.ResponseRecorder {
	return b.sendIn(context.Background(), path, user, address)
}

func (b *bench) sendIn(ctx context.Context, path, user, address string) *httptest.ResponseRecorder {
	b.t.Helper()
	request := httptest.NewRequest(http.MethodGet, path, nil).WithContext(ctx)
	request.RemoteAddr = address + ":1234"
	if user != "" {
		request.Header.Set("Remote-User", user)
	}
	answer := httptest.NewRecorder()
	before := b.known()
	done := make(chan struct{})
	b.wait.Add(1)
	go func() {
		defer b.wait.Done()
		defer close(done)
		defer func() { _ = recover() }()
		b.handler.ServeHTTP(answer, request)
	}()
	for end := time.Now().Add(200 * time.Millisecond); time.Now().Before(end); time.Sleep(time.Millisecond) {
		select {
		case <-done:
			return answer
		default:
		}
		if b.known() > before {
			return answer
		}
	}
	return answer
}

// Requests that wait or are in work; the service was reached by the latter.
func (b *bench) known() int {
	q := b.handler.queue
	q.mutex.Lock()
	defer q.mutex.Unlock()
	b.service.mutex.Lock()
	defer b.service.mutex.Unlock()
	return q.lines[withSession].length + q.lines[withoutSession].length + min(q.busy, b.service.busy)
}

func (b *bench) settle() {
	time.Sleep(20 * time.Millisecond)
}

// Ends one request that is in work.
func (b *bench) finish() {
	b.service.goOn <- struct{}{}
	b.settle()
}

func (b *bench) end() {
	close(b.service.goOn)
	b.wait.Wait()
	q := b.handler.queue
	q.mutex.Lock()
	defer q.mutex.Unlock()
	if q.busy != 0 || len(q.busyOf) != 0 || q.lines[0].length+q.lines[1].length != 0 {
		b.t.Errorf("slots or places are lost: %+v", q)
	}
}

func TestOnlySoManyAreInWork(t *testing.T) {
	b := newBench(t, &Config{Slots: 2, Waiting: 10, WaitSeconds: 5})
	for number := 0; number < 6; number++ {
		b.send(fmt.Sprintf("/%d", number), "", "192.0.2.1")
	}
	if got := b.service.order(); got != "/0 /1" {
		t.Errorf("in work are %s", got)
	}
	for range 4 {
		b.finish()
	}
	b.end()
	if b.service.most != 2 || b.service.order() != "/0 /1 /2 /3 /4 /5" {
		t.Errorf("at most %d, in the order %s", b.service.most, b.service.order())
	}
}

func TestRequestsWithASessionAreFirst(t *testing.T) {
	b := newBench(t, &Config{Slots: 1, Waiting: 10, WaitSeconds: 5, SessionHeader: "Remote-User"})
	b.send("/0", "", "192.0.2.1")
	b.send("/stranger", "", "192.0.2.1")
	b.send("/reader", "reader", "192.0.2.1")
	b.finish()
	b.finish()
	b.end()
	if got := b.service.order(); got != "/0 /reader /stranger" {
		t.Error(got)
	}
}

func TestRequestsWithoutASessionLeaveSlotsForThoseWithOne(t *testing.T) {
	b := newBench(t, &Config{Slots: 3, SlotsWithoutSession: 1, Waiting: 10, WaitSeconds: 5, SessionHeader: "Remote-User"})
	b.send("/s1", "", "192.0.2.1")
	b.send("/s2", "", "192.0.2.2")
	b.send("/r1", "reader", "192.0.2.1")
	b.send("/r2", "reader", "192.0.2.1")
	b.settle()
	if got := b.service.order(); got != "/s1 /r1 /r2" {
		t.Error(got)
	}
	b.end()
}

func TestClientsTakeTurns(t *testing.T) {
	b := newBench(t, &Config{Slots: 1, Waiting: 10, WaitSeconds: 5})
	for number := 0; number < 4; number++ {
		b.send(fmt.Sprintf("/a%d", number), "", "192.0.2.1")
	}
	b.send("/b", "", "192.0.2.2")
	for range 4 {
		b.finish()
	}
	b.end()
	if got := b.service.order(); got != "/a0 /a1 /b /a2 /a3" {
		t.Error(got)
	}
}

func TestOneClientHasItsShareOnly(t *testing.T) {
	b := newBench(t, &Config{Slots: 3, SlotsPerClient: 1, Waiting: 10, WaitSeconds: 5})
	for number := 0; number < 3; number++ {
		b.send(fmt.Sprintf("/a%d", number), "", "2001:db8::1")
		b.send(fmt.Sprintf("/b%d", number), "", "2001:db8:0:1::1")
	}
	// of the same household as the first
	b.send("/a3", "", "2001:db8::2")
	b.settle()
	if got := b.service.order(); got != "/a0 /b0" {
		t.Error(got)
	}
	b.end()
}

func TestWhatExceedsTheQueueIsRefusedAndToldToComeBack(t *testing.T) {
	b := newBench(t, &Config{Slots: 1, Waiting: 1, WaitSeconds: 5})
	b.send("/0", "", "192.0.2.1")
	b.send("/1", "", "192.0.2.1")
	answer := b.send("/2", "", "192.0.2.1")
	b.end()
	if answer.Code != http.StatusServiceUnavailable || answer.Header().Get("Retry-After") == "" || b.service.order() != "/0 /1" {
		t.Errorf("%d %v %s", answer.Code, answer.Header(), b.service.order())
	}
}

func TestAFullQueueRefusesTheClientThatHasMostOfIt(t *testing.T) {
	b := newBench(t, &Config{Slots: 1, Waiting: 3, WaitSeconds: 5, SessionHeader: "Remote-User"})
	b.send("/0", "", "192.0.2.1")
	b.send("/a1", "", "192.0.2.1")
	b.send("/a2", "", "192.0.2.1")
	last := b.send("/a3", "", "192.0.2.1")
	own := b.send("/a4", "", "192.0.2.1")
	other := b.send("/b1", "", "192.0.2.2")
	reader := b.send("/r1", "reader", "192.0.2.1")
	b.settle()
	for range 3 {
		b.finish()
	}
	b.end()
	if own.Code != 503 || last.Code != 503 || other.Code != 200 || reader.Code != 200 {
		t.Errorf("own %d, last %d, other %d, reader %d", own.Code, last.Code, other.Code, reader.Code)
	}
	if got := b.service.order(); got != "/0 /r1 /a1 /b1" {
		t.Error(got)
	}
}

func TestNobodyWaitsForEver(t *testing.T) {
	b := newBench(t, &Config{Slots: 1, Waiting: 1, WaitSeconds: 1})
	b.send("/0", "", "192.0.2.1")
	began := time.Now()
	answer := b.send("/1", "", "192.0.2.1")
	for b.known() > 1 && time.Since(began) < 3*time.Second {
		time.Sleep(10 * time.Millisecond)
	}
	waited := time.Since(began)
	b.end()
	if answer.Code != 503 || waited < time.Second || waited > 2*time.Second {
		t.Errorf("%d after %v", answer.Code, waited)
	}
}

func TestWhoHasGoneIsNotServed(t *testing.T) {
	b := newBench(t, &Config{Slots: 1, Waiting: 5, WaitSeconds: 5})
	ctx, leave := context.WithCancel(context.Background())
	b.send("/0", "", "192.0.2.1")
	b.sendIn(ctx, "/gone", "", "192.0.2.1")
	b.send("/1", "", "192.0.2.1")
	leave()
	b.settle()
	b.finish()
	b.end()
	if got := b.service.order(); got != "/0 /1" {
		t.Error(got)
	}
}

func TestAServiceThatPanicsGivesItsSlotBack(t *testing.T) {
	b := newBench(t, &Config{Slots: 1, Waiting: 5, WaitSeconds: 5})
	b.send("/panic", "", "192.0.2.1")
	b.send("/1", "", "192.0.2.1")
	b.finish()
	b.end()
	if got := b.service.order(); got != "/panic /1" {
		t.Error(got)
	}
}

func TestRoutersOfOneNameShareOneQueue(t *testing.T) {
	config := &Config{Slots: 1, Waiting: 5, WaitSeconds: 5}
	one, _ := New(context.Background(), nil, config, "shared")
	two, _ := New(context.Background(), nil, config, "shared")
	other, _ := New(context.Background(), nil, config, "other")
	if one.(*handler).queue != two.(*handler).queue || one.(*handler).queue == other.(*handler).queue {
		t.Error("not shared, or shared too far")
	}
}

func TestASlowBodyTakesNoSlot(t *testing.T) {
	b := newBench(t, &Config{Slots: 1, Waiting: 5, WaitSeconds: 5})
	body, slow := io.Pipe()
	request := httptest.NewRequest(http.MethodPost, "/slow", body)
	answered := make(chan struct{})
	go func() {
		b.handler.ServeHTTP(httptest.NewRecorder(), request)
		close(answered)
	}()
	_, _ = slow.Write([]byte("beginning"))
	b.send("/quick", "", "192.0.2.1")
	b.finish()
	_ = slow.Close()
	b.finish()
	<-answered
	b.end()
	if got := b.service.order(); got != "/quick /slowb" {
		t.Error(got)
	}
}

func TestOnlySoManyBodiesOfOneClientAreReadAtATime(t *testing.T) {
	b := newBench(t, &Config{Slots: 4, SlotsPerClient: 1, Waiting: 1, WaitSeconds: 5, OnlyBodies: true})
	post := func(path, address string) (*httptest.ResponseRecorder, *io.PipeWriter) {
		body, slow := io.Pipe()
		request := httptest.NewRequest(http.MethodPost, path, body)
		request.RemoteAddr = address + ":1"
		answer := httptest.NewRecorder()
		b.wait.Add(1)
		go func() {
			defer b.wait.Done()
			b.handler.ServeHTTP(answer, request)
		}()
		b.settle()
		return answer, slow
	}
	_, first := post("/1", "192.0.2.1")
	_, second := post("/2", "192.0.2.1")
	third, _ := post("/3", "192.0.2.1")
	_, other := post("/other", "192.0.2.2")
	_ = other.Close()
	b.settle()
	b.send("/none", "", "192.0.2.1")
	_ = first.Close()
	b.settle()
	_ = second.Close()
	b.settle()
	order := b.service.order()
	b.end()
	if third.Code != 503 || order != "/other /none /1 /2" {
		t.Errorf("%d %s", third.Code, order)
	}
}

func TestABodyArrivesWhole(t *testing.T) {
	for _, size := range []int{1, bodyBytes - 1, bodyBytes, bodyBytes + 1, 3 * bodyBytes} {
		sent := strings.Repeat("abcdefg", size)[:size]
		var got string
		h, _ := New(context.Background(), http.HandlerFunc(func(_ http.ResponseWriter, request *http.Request) {
			read, _ := io.ReadAll(request.Body)
			got = string(read)
		}), &Config{Slots: 1, WaitSeconds: 1}, t.Name())
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/", strings.NewReader(sent)))
		if got != sent {
			t.Errorf("of %d bytes %d arrived", size, len(got))
		}
	}
}

func TestTheClientIsWhomTheProxyNamesLast(t *testing.T) {
	for _, c := range []struct {
		behind    bool
		forwarded []string
		remote    string
		want      string
	}{
		{false, []string{"198.51.100.1"}, "192.0.2.1:1", "192.0.2.1"},
		{true, []string{"198.51.100.1"}, "192.0.2.1:1", "198.51.100.1"},
		{true, []string{"203.0.113.9, 198.51.100.1"}, "192.0.2.1:1", "198.51.100.1"},
		{true, []string{"203.0.113.9", "198.51.100.1"}, "192.0.2.1:1", "198.51.100.1"},
		{true, nil, "192.0.2.1:1", "192.0.2.1"},
		{false, nil, "[2001:db8::5]:1", "2001:db8::"},
		{false, nil, "[::ffff:192.0.2.1]:1", "::ffff:192.0.2.1"},
	} {
		request := httptest.NewRequest(http.MethodGet, "/", nil)
		request.RemoteAddr = c.remote
		request.Header["X-Forwarded-For"] = c.forwarded
		if got := address(request, c.behind); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}

func TestARefusalIsAPageForBrowsersAndTextForPrograms(t *testing.T) {
	ask := func(method, accept string, status int) *httptest.ResponseRecorder {
		answer := httptest.NewRecorder()
		request := httptest.NewRequest(method, "/", nil)
		request.Header.Set("Accept", accept)
		refuse(answer, request, status)
		return answer
	}
	page := ask(http.MethodGet, "text/html", 503)
	if body := page.Body.String(); !strings.Contains(body, `http-equiv="refresh"`) || page.Header().Get("Content-Type") != "text/html; charset=utf-8" {
		t.Error(body)
	}
	if body := ask(http.MethodPost, "text/html", 503).Body.String(); strings.Contains(body, "refresh") {
		t.Error("a form would be sent automatically: " + body)
	}
	if body := ask(http.MethodGet, "application/json", 503).Body.String(); !strings.HasPrefix(body, "busy: ") {
		t.Error(body)
	}
	if late := ask(http.MethodPost, "", 408); late.Code != 408 || late.Header().Get("Connection") != "close" || late.Header().Get("Retry-After") != "" {
		t.Errorf("%d %v", late.Code, late.Header())
	}
}

func TestConfigurationsThatCannotWorkAreRefused(t *testing.T) {
	for _, config := range []*Config{{}, {Slots: 1}, {Slots: 1, WaitSeconds: 1, Waiting: -1}, {Slots: 1, WaitSeconds: 1, SlotsPerClient: -1}} {
		if _, err := New(context.Background(), nil, config, "x"); err == nil || !strings.HasPrefix(err.Error(), "x: ") {
			t.Errorf("%+v: %v", config, err)
		}
	}
}
