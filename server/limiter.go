package main

import (
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"
)

// limiter counts what each address does in a window of time. Addresses of IPv6
// count by their network of 64 bits, which one person can have all of.
type limiter struct {
	most int // in a window

	mu    sync.Mutex
	since time.Time
	seen  map[string]int
}

const window = time.Minute

// allow counts once and says whether that was still allowed.
func (l *limiter) allow(r *http.Request) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.roll()
	who := network(r)
	if l.seen[who] >= l.most {
		return false
	}
	l.seen[who]++
	return true
}

// roll begins a new window when the last one is over, and so bounds the memory.
func (l *limiter) roll() {
	if now := time.Now(); l.seen == nil || now.Sub(l.since) >= window {
		l.since, l.seen = now, map[string]int{}
	}
}

// crowd counts who is there now: all, and those of each network.
type crowd struct {
	most, mostEach int

	mu   sync.Mutex
	all  int
	each map[string]int
}

// enter lets r in unless it is full of others, or of r's own network. Who was let
// in has to leave.
func (c *crowd) enter(r *http.Request) (in, full bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	who := network(r)
	if c.all >= c.most || c.each[who] >= c.mostEach {
		return false, c.all >= c.most
	}
	if c.each == nil {
		c.each = map[string]int{}
	}
	c.all++
	c.each[who]++
	return true, false
}

func (c *crowd) leave(r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	who := network(r)
	c.all--
	if c.each[who]--; c.each[who] == 0 {
		delete(c.each, who)
	}
}

// size is how many are there.
func (c *crowd) size() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.all
}

func network(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	ip, err := netip.ParseAddr(host)
	if err != nil || ip.Is4() || ip.Is4In6() {
		return host
	}
	prefix, err := ip.WithZone("").Prefix(64)
	if err != nil {
		return host
	}
	return prefix.String()
}
