package registry

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// recount is how long a count of the pending corrections is good: it costs reading
// all there are, and other processes write to the store too.
const recount = 10 * time.Second

// quota bounds the pending corrections. They are counted now and then and those that
// come in between are added, so a few more may get in where several processes write.
type quota struct {
	mu      sync.Mutex
	count   int64
	counted time.Time // zero when the count is not known
}

// admit fails with ErrManyPending when no more may wait.
func (q *quota) admit(ctx context.Context, r *Registry) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if time.Since(q.counted) > recount {
		list, err := r.Corrections(ctx, Filter{State: Pending})
		if err != nil && !errors.Is(err, ErrDamaged) {
			return err
		}
		q.count, q.counted = int64(len(list)), time.Now()
	}
	if q.count >= r.limits.pending {
		return fmt.Errorf("%w: try again when some of the %d have been approved or deleted", ErrManyPending, q.count)
	}
	return nil
}

// added counts one more.
func (q *quota) added() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.count++
}

// changed makes the next admit count again: there may be fewer now.
func (q *quota) changed() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.counted = time.Time{}
}
