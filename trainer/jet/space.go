package jet

import (
	"os"
	"path/filepath"
	"time"
)

const (
	// leastFree is the free disk below which the embedded server takes nothing
	// new: a stream that meets the end of the disk never writes again, one that
	// meets its limit only refuses. What there is can be read, and deleted.
	leastFree = 8 << 20
	// lookEvery is how often a Jet that is short of space looks for more.
	lookEvery = 2 * time.Second
)

// limit sets o.MaxStore to what the embedded server may take, and returns the
// free disk in bytes.
func (j *Jet) limit(o *Options) (free int64) {
	free, known := freeDisk(o.Dir)
	switch {
	case known && free < leastFree:
		j.short, o.MaxStore = true, 1
		j.log.Error("the disk is full: what is stored can be read and deleted, and nothing added", "dir", o.Dir, "free", free)
	case known && o.MaxStore == 0:
		o.MaxStore = used(o.Dir) + free/4*3
	}
	return free
}

// used is the size of the streams in dir, in bytes.
func used(dir string) (sum int64) {
	blocks, _ := filepath.Glob(filepath.Join(streamsDir(dir), "*", "msgs", "*.blk")) // the pattern is good
	for _, b := range blocks {
		if i, err := os.Stat(b); err == nil {
			sum += i.Size()
		}
	}
	return sum
}

// Short reports whether the disk was full when the Jet was opened, so that it
// takes nothing new.
func (j *Jet) Short() bool { return j.short }

// Broken is closed when the embedded server should be closed and opened again: a
// stream could not be written, after which it never is (the disk was full, or
// failed), or there is space again for one that was Short.
func (j *Jet) Broken() <-chan struct{} { return j.broken }

func (j *Jet) giveUp() { j.breaking.Do(func() { close(j.broken) }) }

func (j *Jet) isBroken() bool {
	select {
	case <-j.broken:
		return true
	default:
		return false
	}
}

// awaitSpace gives up a Jet that was short when its disk has clearly more space
// than it had, until the Jet is closed.
func (j *Jet) awaitSpace(had int64) {
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		select {
		case <-j.closed:
			return
		case <-look.C:
		}
		if free, known := freeDisk(j.dir); known && free >= 2*max(had, leastFree) {
			j.log.Info("there is space again", "dir", j.dir, "free", free)
			j.giveUp()
			return
		}
	}
}
