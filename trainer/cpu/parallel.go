package cpu

import (
	"runtime"
	"sync"
)

// grain is how many values a goroutine takes at least: below, starting it costs
// more than it saves.
const grain = 1 << 13

// parallel calls do on the parts of 0..n, at least least long each, from several
// goroutines. Where the parts begin must not matter to the result.
func parallel(n, least int, do func(from, to int)) {
	parts := min(runtime.GOMAXPROCS(0), n/max(least, 1))
	if parts <= 1 {
		do(0, n)
		return
	}
	var wg sync.WaitGroup
	for p := range parts {
		wg.Go(func() { do(p*n/parts, (p+1)*n/parts) })
	}
	wg.Wait()
}

// tasks calls do for 0..n-1 from several goroutines, whoever is free next.
func tasks(n int, do func(i int)) {
	next := make(chan int, n)
	for i := range n {
		next <- i
	}
	close(next)
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), n) {
		wg.Go(func() {
			for i := range next {
				do(i)
			}
		})
	}
	wg.Wait()
}
