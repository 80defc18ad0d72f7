package cpu

import (
	"fmt"
	"runtime"
	"runtime/debug"
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

// vector is how many values are computed at a time where there is AVX-512.
const vector = 16

// parallelValues calls do on the parts of 0..n single values. What vectors leave
// over is computed in another way, so only the last part may leave something over:
// the result must not depend on how many parts there are.
func parallelValues(n int, do func(from, to int)) {
	vectors := (n + vector - 1) / vector
	parallel(vectors, grain/vector, func(from, to int) { do(from*vector, min(to*vector, n)) })
}

// tasks calls do for 0..n-1 from several goroutines, whoever is free next. A panic
// in one of them is one of the caller.
func tasks(n int, do func(i int)) {
	var next atomic.Int64
	var panicked atomic.Pointer[string]
	work := func() {
		defer func() {
			if v := recover(); v != nil {
				what := fmt.Sprintf("%v\n%s", v, debug.Stack())
				panicked.Store(&what)
			}
		}()
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
	if what := panicked.Load(); what != nil {
		panic(*what)
	}
}
