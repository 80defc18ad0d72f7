package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"rakam/trainer/pretrained"
	"rakam/web"
)

// How long the server waits for a client, and at its own end for the answers
// that are under way. A drawing is a few kilobytes; the module is 0.7 MB as sent.
const (
	headerTimeout = 10 * time.Second
	readTimeout   = 30 * time.Second
	writeTimeout  = 2 * time.Minute
	idleTimeout   = 2 * time.Minute
	drainTimeout  = 10 * time.Second
	maxHeader     = 64 << 10 // bytes

	safeToken = 16 // characters that nobody guesses: a wrong one delays only itself
)

// WebFiles are the folders of package web.
type WebFiles struct{ Templates, Locales, Dist fs.FS }

// Program is the server as a value: a test starts the same one that main does.
type Program struct {
	Config   Config
	Versions func() ([]pretrained.Version, error) // what there is to serve, the champion first
	Web      WebFiles
	Out      io.Writer // for people: the address to click
	Log      io.Writer // for the operator
	Drain    time.Duration
	Training Training

	site     *site
	listener net.Listener
	closing  chan struct{}
	close    sync.Once
}

// NewProgram returns the server of this configuration, with the built-in pages.
func NewProgram(config Config, versions func() ([]pretrained.Version, error)) *Program {
	return &Program{
		Config:   config,
		Versions: versions,
		Web:      WebFiles{web.Templates, web.Locales, web.Dist},
		Out:      os.Stdout,
		Log:      os.Stderr,
		Drain:    drainTimeout,
		closing:  make(chan struct{}),
	}
}

// Listen opens the port. Run does it too; a test that asked for port 0 calls it
// before, to know URL.
func (p *Program) Listen() error {
	if p.listener != nil {
		return nil
	}
	listener, err := net.Listen("tcp", p.Config.Addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%s is in use by another program\nhint: choose another port with --addr, as in --addr 127.0.0.1:8081, or stop that program", p.Config.Addr)
	}
	if errors.Is(err, syscall.EACCES) {
		return fmt.Errorf("no permission to listen on %s\nhint: choose a port above 1023 with --addr, as in --addr %s", p.Config.Addr, defaultAddr)
	}
	if err != nil {
		return fmt.Errorf("cannot listen on %s: %w\nhint: --addr wants an address of this machine, as in --addr %s", p.Config.Addr, err, defaultAddr)
	}
	p.listener = listener
	return nil
}

// URL is where the program can be reached once Listen has returned.
func (p *Program) URL() string {
	addr := p.listener.Addr().(*net.TCPAddr)
	host := addr.IP.String()
	if configured, _, err := net.SplitHostPort(p.Config.Addr); err == nil && strings.EqualFold(configured, "localhost") {
		host = configured
	}
	if addr.IP.IsUnspecified() {
		host = "localhost" // 0.0.0.0 is no address one can click
	}
	return fmt.Sprintf("http://%s", net.JoinHostPort(host, fmt.Sprint(addr.Port)))
}

// Run listens, serves and prints the address. It returns when something fails,
// or after ctx is cancelled and the answers under way are out.
func (p *Program) Run(ctx context.Context) error {
	defer func() { _ = p.Close() }() // nobody shall wait at a port that is not served
	log := newLog(p.Log, p.Config)
	site, err := newSite(p.Config, p.Web, log)
	if err != nil {
		return err
	}
	if n := len(p.Config.AdminToken); n > 0 && n < safeToken && !p.Config.loopback() {
		log.Warn("the administrator's token can be guessed: take a random one", "characters", n, "want", safeToken)
	}
	if err := p.Listen(); err != nil {
		return err
	}
	streams, endStreams := context.WithCancel(context.WithoutCancel(ctx))
	defer endStreams()
	site.streams, site.training, p.site = streams, p.Training, site
	if err := site.openStore(ctx); err != nil {
		return err
	}
	keeper := newKeeper()
	base, endAnswers := context.WithCancel(context.WithoutCancel(ctx))
	defer endAnswers()
	server := newHTTPServer(base, site.handler(), log)
	server.RegisterOnShutdown(endStreams)
	failed := make(chan error, 2)
	go func() { failed <- server.Serve(p.listener) }()
	go func() {
		if err := site.load(p.Versions); err != nil {
			failed <- fmt.Errorf("the models cannot be served: %w", err)
			return
		}
		keeper.begin(site, p.Config.Workers)
	}()
	fmt.Fprintf(p.Out, "Rakam is at %s\n", p.URL())

	select {
	case err = <-failed:
		_ = server.Close()
	case <-p.closing:
		err = server.Close()
	case <-ctx.Done():
		keeper.stop()
		err = p.shutDown(server, log)
	}
	endStreams()
	return errors.Join(p.unlessClosed(err), p.endStore(site, keeper, log))
}

// unlessClosed is err, but not what Close itself brings about: it closes the
// listener that the server waits on, and will close once more.
func (p *Program) unlessClosed(err error) error {
	select {
	case <-p.closing:
		if errors.Is(err, net.ErrClosed) || errors.Is(err, http.ErrServerClosed) {
			return nil
		}
	default:
	}
	return err
}

// endStore waits until the workers have kept their checkpoints and closes the
// store, whether or not they have: what they did not keep is done again.
func (p *Program) endStore(s *site, keeper *keeper, log *slog.Logger) error {
	keeper.stop()
	ctx, cancel := context.WithTimeout(context.Background(), p.Drain)
	defer cancel()
	if !keeper.wait(ctx) {
		log.Warn("a run was cut off at the deadline; it goes on from its last checkpoint")
	}
	return s.closeStore()
}

func newHTTPServer(base context.Context, handler http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		BaseContext:       func(net.Listener) context.Context { return base },
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}

// shutDown lets the answers under way go out, but not for ever.
func (p *Program) shutDown(server *http.Server, log *slog.Logger) error {
	log.Info("shutting down", "deadline", p.Drain.String())
	ctx, cancel := context.WithTimeout(context.Background(), p.Drain)
	defer cancel()
	err := server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		log.Warn("some answers were cut off at the deadline")
		return server.Close()
	}
	return err
}

// Close ends the program at once, whether or not it was ever run.
func (p *Program) Close() error {
	p.close.Do(func() { close(p.closing) })
	if p.listener == nil {
		return nil
	}
	if err := p.listener.Close(); !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

func newLog(out io.Writer, c Config) *slog.Logger {
	options := &slog.HandlerOptions{Level: c.LogLevel}
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(out, options))
	}
	return slog.New(slog.NewTextHandler(out, options))
}
