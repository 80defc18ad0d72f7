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
