package cpu

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// grain is how many values a goroutine takes at least: below, starting it costs
// more than it saves.
const grain = 1 << 13

// parallel calls do on the parts of 0..n, at least least long each, from several
// goroutines: more parts than processors, so that none waits for one that was
// held up. Where the parts begin must not matter to the result.
func parallel(n, least int, do func(from, to int)) {
	parts := min(4*runtime.GOMAXPROCS(0), n/max(least, 1))
	if parts <= 1 {
		do(0, n)
		return
	}
	tasks(parts, func(p int) { do(p*n/parts, (p+1)*n/parts) })
}

// tasks calls do for 0..n-1 from several goroutines, whoever is free next.
func tasks(n int, do func(i int)) {
	var next atomic.Int64
	work := func() {
		for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
			do(int(i))
		}
	}
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), n) - 1 {
		wg.Go(work)
	}
	work()
	wg.Wait()
}
