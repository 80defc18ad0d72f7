package jet

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go/jetstream"

	"rakam/trainer/lock"
)

// take makes the folder and takes it for this process: two servers on one folder
// would destroy it, and NATS does not notice.
func take(dir string) (release func() error, err error) {
	if dir == "" {
		return nil, unusable(`""`, errors.New("no folder was named"))
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, unusable(dir, err)
	}
	release, err = lock.Dir(dir)
	if errors.Is(err, lock.ErrTaken) {
		return nil, locked(dir)
	}
	if err != nil {
		return nil, unusable(dir, err)
	}
	return release, nil
}

// startServer starts a NATS server that listens nowhere and writes to disk
// before it acknowledges. When it can't write any more it calls broken.
func startServer(o Options, log *slog.Logger, broken func()) (*server.Server, error) {
	s, err := server.NewServer(&server.Options{
		ServerName:             o.Name,
		DontListen:             true,
		NoSigs:                 true,
		JetStream:              true,
		DisableJetStreamBanner: true,
		StoreDir:               o.Dir,
		JetStreamMaxStore:      o.MaxStore,
		SyncAlways:             true,
	})
	if err != nil {
		return nil, unusable(o.Dir, err)
	}
	l := &serverLog{log: log, broken: broken}
	s.SetLoggerV2(l, false, false, false)
	s.Start()
	if err := l.fatal(); err != nil {
		s.Shutdown()
		return nil, unusable(o.Dir, err)
	}
	if !s.ReadyForConnections(startTime) {
		s.Shutdown()
		return nil, unusable(o.Dir, fmt.Errorf("the embedded server was not ready after %s", startTime))
	}
	return s, nil
}

// serverLog passes on what the embedded server logs; its notices are details
// here. What it calls fatal it would exit for; here it is kept as an error.
type serverLog struct {
	log    *slog.Logger
	broken func()
	mu     sync.Mutex
	reason error
}

func (l *serverLog) Noticef(format string, v ...any) { l.log.Debug(clean(format, v)) }
func (l *serverLog) Warnf(format string, v ...any)   { l.log.Warn(clean(format, v)) }
func (l *serverLog) Debugf(format string, v ...any)  { l.log.Debug(clean(format, v)) }
func (l *serverLog) Tracef(format string, v ...any)  { l.log.Debug(clean(format, v)) }

// Errorf also looks for what the server does not tell in any other way: that it
// has given up writing a stream (filestore.go, stream.go), or all of them.
func (l *serverLog) Errorf(format string, v ...any) {
	text := clean(format, v)
	l.log.Error(text)
	if strings.Contains(text, "ritical write error") || strings.Contains(text, "will be DISABLED") {
		l.broken()
	}
}

func (l *serverLog) Fatalf(format string, v ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.reason = errors.New(clean(format, v))
}

func (l *serverLog) fatal() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.reason
}

func clean(format string, v []any) string { return strings.TrimSpace(fmt.Sprintf(format, v...)) }

// streamsDir is where the server keeps its streams below Dir, a folder each.
func streamsDir(dir string) string {
	return filepath.Join(dir, server.JetStreamStoreDir, "$G", "streams")
}

// tidy removes what a process that was killed left half made: folders of streams
// and consumers whose description (meta.inf) or its checksum (meta.sum) was not
// yet written. The server would skip them at every start and, making the stream
// again, trust the half description. A stream with messages is never touched.
func tidy(dir string) error {
	streams, err := filepath.Glob(filepath.Join(streamsDir(dir), "*"))
	if err != nil {
		return err
	}
	for _, s := range streams {
		if !described(s) && !holdsMessages(s) {
			if err := os.RemoveAll(s); err != nil {
				return err
			}
		}
		consumers, err := filepath.Glob(filepath.Join(s, "obs", "*"))
		if err != nil {
			return err
		}
		for _, c := range consumers {
			if !described(c) {
				if err := os.RemoveAll(c); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func described(folder string) bool {
	for _, name := range []string{server.JetStreamMetaFile, server.JetStreamMetaFileSum} {
		if _, err := os.Stat(filepath.Join(folder, name)); errors.Is(err, fs.ErrNotExist) {
			return false
		}
	}
	return true
}

func holdsMessages(stream string) bool {
	blocks, _ := filepath.Glob(filepath.Join(stream, "msgs", "*.blk"))
	for _, b := range blocks {
		if i, err := os.Stat(b); err != nil || i.Size() > 0 {
			return true
		}
	}
	return false
}

// checkRecovered compares the streams on disk with those the server found
// readable. It logs a warning for the others and goes on; but making them again
// would bury what they hold, so here it is an error. Messages that were lost
// inside a readable stream are told to the log: what they held is missed by who
// needs it.
func (j *Jet) checkRecovered(ctx context.Context, dir string) error {
	folders, err := os.ReadDir(streamsDir(dir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return unusable(dir, err)
	}
	for _, f := range folders {
		if strings.HasPrefix(f.Name(), ".") { // being deleted
			continue
		}
		s, err := j.JS.Stream(ctx, f.Name())
		if errors.Is(err, jetstream.ErrStreamNotFound) {
			return &OpenError{Damaged, dir, fmt.Errorf("the stream in %s can't be read", filepath.Join(streamsDir(dir), f.Name())),
				"put the folder back from a backup, or move it away to begin without what it holds"}
		}
		if err != nil {
			return unusable(dir, err)
		}
		if lost := s.CachedInfo().State.Lost; lost != nil {
			j.log.Error("the store is damaged: messages are lost", "stream", f.Name(), "messages", len(lost.Msgs), "bytes", lost.Bytes)
		}
	}
	return nil
}
