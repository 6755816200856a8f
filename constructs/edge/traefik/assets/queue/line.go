package queue

import (
	"context"
	"sync"
	"time"
)

// Classes of requests, the first of which is served first.
const (
	withSession = iota
	withoutSession
	classes
)

// How a wait ends.
const (
	waiting = iota
	admitted
	refused
	gone
)

// One request.
type entry struct {
	client  string
	class   int
	state   int
	decided chan struct{}
}

// The requests of one class that wait, by client. The client at the front of turns is served next.
type line struct {
	turns   []string
	entries map[string][]*entry
	length  int
}

type queue struct {
	mutex sync.Mutex
	// slots that a class, and one client of it, may hold
	share          [classes]int
	sharePerClient int
	slots          int
	most           int
	patience       time.Duration

	busy        int
	busyOfClass [classes]int
	busyOf      map[string]int
	lines       [classes]*line
}

func newQueue(config *Config) *queue {
	q := &queue{
		slots:          config.Slots,
		sharePerClient: orAll(config.SlotsPerClient, config.Slots),
		most:           config.Waiting,
		patience:       time.Duration(config.WaitSeconds) * time.Second,
		busyOf:         map[string]int{},
	}
	q.share[withSession] = config.Slots
	q.share[withoutSession] = orAll(config.SlotsWithoutSession, config.Slots)
	for class := range q.lines {
		q.lines[class] = &line{entries: map[string][]*entry{}}
	}
	return q
}

func orAll(share, slots int) int {
	if share == 0 || share > slots {
		return slots
	}
	return share
}

// Takes a place in the queue: at its end, or in that of a client that has more than this one.
func (q *queue) enter(client string, class int) *entry {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	e := &entry{client: client, class: class, decided: make(chan struct{})}
	q.lines[class].add(e)
	q.admit()
	if q.lines[withSession].length+q.lines[withoutSession].length > q.most {
		q.decide(q.victim(e), refused)
	}
	return e
}

// Waits for a slot, as long as the client does and patience lasts.
func (q *queue) wait(ctx context.Context, e *entry) int {
	timer := time.NewTimer(q.patience)
	defer timer.Stop()
	end := gone
	select {
	case <-e.decided:
	case <-ctx.Done():
	case <-timer.C:
		end = refused
	}
	q.mutex.Lock()
	defer q.mutex.Unlock()
	// a decision may have come together with the end of the wait
	if e.state == waiting {
		q.decide(e, end)
	}
	return e.state
}

func (q *queue) leave(e *entry) {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	q.busy--
	q.busyOfClass[e.class]--
	q.busyOf[e.client]--
	if q.busyOf[e.client] == 0 {
		delete(q.busyOf, e.client)
	}
	q.admit()
}

// Gives free slots to those that wait.
func (q *queue) admit() {
	for q.busy < q.slots {
		e := q.next()
		if e == nil {
			return
		}
		q.decide(e, admitted)
		q.lines[e.class].endTurn(e.client)
		q.busy++
		q.busyOfClass[e.class]++
		q.busyOf[e.client]++
	}
}

// The first request whose class and client have not used up their share.
func (q *queue) next() *entry {
	for class, l := range q.lines {
		if q.busyOfClass[class] >= q.share[class] {
			continue
		}
		for _, client := range l.turns {
			if q.busyOf[client] < q.sharePerClient {
				return l.entries[client][0]
			}
		}
	}
	return nil
}

// The last request of the client that has most waiting, among those that are served last; the newcomer where another has no more.
func (q *queue) victim(newcomer *entry) *entry {
	class := withoutSession
	if q.lines[class].length == 0 {
		class = withSession
	}
	l := q.lines[class]
	longest := ""
	if newcomer.class == class {
		longest = newcomer.client
	}
	for _, client := range l.turns {
		if longest == "" || len(l.entries[client]) > len(l.entries[longest]) {
			longest = client
		}
	}
	entries := l.entries[longest]
	return entries[len(entries)-1]
}

// Takes a request out of its line and wakes it.
func (q *queue) decide(e *entry, state int) {
	q.lines[e.class].remove(e)
	e.state = state
	close(e.decided)
}

func (l *line) add(e *entry) {
	if len(l.entries[e.client]) == 0 {
		l.turns = append(l.turns, e.client)
	}
	l.entries[e.client] = append(l.entries[e.client], e)
	l.length++
}

func (l *line) remove(e *entry) {
	var rest []*entry
	for _, other := range l.entries[e.client] {
		if other != e {
			rest = append(rest, other)
		}
	}
	l.length--
	l.entries[e.client] = rest
	if len(rest) == 0 {
		delete(l.entries, e.client)
		l.turns = without(l.turns, e.client)
	}
}

// Puts a client at the end of the turns.
func (l *line) endTurn(client string) {
	if len(l.entries[client]) > 0 {
		l.turns = append(without(l.turns, client), client)
	}
}

func without(clients []string, gone string) []string {
	var rest []string
	for _, client := range clients {
		if client != gone {
			rest = append(rest, client)
		}
	}
	return rest
}
