// Package jet opens JetStream, the one durable store and queue: a NATS server
// inside this process, without a socket, whose data lies in a folder; or, by
// URL, a NATS server or cluster that others run. What is built on a Jet does not
// see which of the two it is.
package jet

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Options says where the data is.
type Options struct {
	Dir      string       // of the embedded server; made if it is missing
	URL      string       // of NATS servers, separated by commas; if set, Dir is not used
	MaxStore int64        // limit of the embedded server in bytes; 0 for what it has and three quarters of the free disk
	Name     string       // of this process among the server's connections; "rakam" if empty
	Log      *slog.Logger // slog.Default() if nil
}

// Jet is an open JetStream. It is safe for concurrent use.
type Jet struct {
	JS   jetstream.JetStream
	Conn *nats.Conn

	server   *server.Server // nil when it is somebody else's
	dir      string         // of our own server
	unlock   func() error   // releases dir; nil with URL
	closed   chan struct{}  // Conn has drained
	broken   chan struct{}  // see Broken
	breaking sync.Once      // closes it
	short    bool           // see Short
	replicas atomic.Int32   // the most copies of a stream that were not refused
	log      *slog.Logger
}

const (
	startTime = 30 * time.Second // for an embedded server to read its folder and answer
	dialTime  = 5 * time.Second  // for one server named by URL
	drainTime = 5 * time.Second  // for messages under way when a Jet is closed
)

// Open starts the embedded server or connects to the one at o.URL. An *OpenError
// says what is wrong with the store and what to do about it; a program can go on
// without one, with the versions that ship.
func Open(ctx context.Context, o Options) (*Jet, error) {
	if o.Name == "" {
		o.Name = "rakam"
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	j := &Jet{log: o.Log.With("part", "jetstream"), closed: make(chan struct{}), broken: make(chan struct{})}
	j.replicas.Store(maxReplicas)
	var err error
	if o.URL == "" {
		err = j.embed(o)
	} else {
		err = j.dial(o)
	}
	if err == nil {
		err = j.check(ctx, o)
	}
	if err != nil {
		return nil, errors.Join(err, j.Close())
	}
	return j, nil
}

// embed starts a server in this process and connects to it through a pipe.
func (j *Jet) embed(o Options) error {
	j.replicas.Store(1)
	var err error
	if j.unlock, err = take(o.Dir); err != nil {
		return err
	}
	if err := verify(o.Dir); err != nil {
		return err
	}
	if err := errors.Join(forgetSizes(o.Dir), tidy(o.Dir)); err != nil {
		return unusable(o.Dir, err)
	}
	free := j.limit(&o)
	if j.server, err = startServer(o, j.log, j.giveUp); err != nil {
		return err
	}
	j.dir = o.Dir
	j.Conn, err = nats.Connect("", j.connOptions(o, nats.InProcessServer(j.server))...)
	if err != nil {
		return unusable(o.Dir, err)
	}
	if j.short {
		go j.awaitSpace(free)
	}
	return nil
}

// dial connects to the servers of o.URL.
func (j *Jet) dial(o Options) error {
	var err error
	j.Conn, err = nats.Connect(o.URL, j.connOptions(o)...)
	switch {
	case errors.Is(err, nats.ErrAuthorization):
		return &OpenError{Unreachable, redact(o.URL), err, "the server refuses these credentials: put user and password, or a token, into the URL, as in nats://user:password@host:4222"}
	case err != nil:
		return &OpenError{Unreachable, redact(o.URL), err, "see that a NATS server runs there and that this machine may reach it"}
	}
	return nil
}

// connOptions makes a connection that comes back for ever. What is published
// while it is away is refused, not kept: an answer "no" must not turn into a
// write minutes later.
func (j *Jet) connOptions(o Options, more ...nats.Option) []nats.Option {
	return append(more,
		nats.Name(o.Name),
		nats.Timeout(dialTime),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(500*time.Millisecond),
		nats.ReconnectBufSize(-1),
		nats.PingInterval(5*time.Second),
		nats.MaxPingsOutstanding(2),
		nats.DrainTimeout(drainTime),
		nats.ClosedHandler(func(*nats.Conn) { close(j.closed) }),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				j.log.Warn("the connection to NATS is lost", "error", err)
			}
		}),
		nats.ReconnectHandler(func(c *nats.Conn) { j.log.Info("connected to NATS again", "server", c.ConnectedServerName()) }),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { j.log.Warn("NATS reports", "error", err) }),
	)
}

// check asks JetStream for its state.
func (j *Jet) check(ctx context.Context, o Options) error {
	js, err := jetstream.New(j.Conn)
	if err != nil {
		return err
	}
	j.JS = js
	if err := j.Check(ctx); err != nil {
		if j.server != nil {
			return unusable(o.Dir, err)
		}
		return &OpenError{NoJetStream, redact(o.URL), err, "the server must run with JetStream (nats-server --jetstream), and it must be enabled for this account"}
	}
	if j.server != nil {
		return j.checkRecovered(ctx, o.Dir)
	}
	return nil
}

// Check reports whether JetStream answers now; a server is ready only then.
func (j *Jet) Check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, dialTime)
	defer cancel()
	_, err := j.JS.AccountInfo(ctx)
	return err
}

// Embedded reports whether the server is in this process and nobody else can
// reach it.
func (j *Jet) Embedded() bool { return j.server != nil }

// Log is where problems that stop nobody are told.
func (j *Jet) Log() *slog.Logger { return j.log }

// Close lets messages under way arrive, for at most five seconds, and stops the
// embedded server, after which another process may open its folder.
func (j *Jet) Close() error {
	var errs []error
	if j.Conn != nil && !j.Conn.IsClosed() {
		// Not connected, or with a server that does not write any more: there is
		// nothing to wait for.
		if j.isBroken() || j.Conn.Drain() != nil {
			j.Conn.Close()
		}
		<-j.closed
	}
	if j.server != nil {
		j.server.Shutdown()
		j.server.WaitForShutdown()
		if j.unlock != nil {
			errs = append(errs, writeSizes(j.dir))
		}
	}
	if j.unlock != nil {
		errs = append(errs, j.unlock())
		j.unlock = nil
	}
	return errors.Join(errs...)
}

// redact takes passwords and tokens out of a list of URLs.
func redact(urls string) string {
	var all []string
	for s := range strings.SplitSeq(urls, ",") {
		s = strings.TrimSpace(s)
		u, err := url.Parse(s)
		switch {
		case err != nil:
			s = "an unreadable URL"
		case u.User != nil:
			u.User = url.User("…")
			s = fmt.Sprintf("%s://…@%s", u.Scheme, u.Host)
		}
		all = append(all, s)
	}
	return strings.Join(all, ", ")
}
