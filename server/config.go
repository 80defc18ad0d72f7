package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strconv"
	"strings"
)

// Config is what the command line and the environment decide.
type Config struct {
	Addr       string // host:port to listen on
	Data       string // folder of the store
	NATS       string // URL of NATS servers that hold the store instead
	Workers    int    // runs trained at a time in this process
	Drawn      string // stroke file that trained versions are measured on, "" for none
	AdminToken string // what an administrator shows; "" on loopback, where one need not
	LogLevel   slog.Level
	LogFormat  string // "text" or "json"
	Dev        bool   // templates, texts and built files come from ./web at each request
}

const (
	defaultAddr = "127.0.0.1:8080"
	defaultData = "data"
	maxWorkers  = 64
)

var (
	errHelp  = flag.ErrHelp
	errUsage = errors.New("wrong usage")
)

// ParseConfig reads the flags in args. What they leave open comes from the
// environment: RAKAM_ADDR for --addr and so on, and PORT for the port alone.
// Help, and what is wrong with the usage, goes to out.
func ParseConfig(args []string, getenv func(string) string, out io.Writer) (Config, error) {
	var c Config
	flags := flag.NewFlagSet("server", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // what is wrong is said below, without all of the help
	flags.StringVar(&c.Addr, "addr", defaultAddr, "`host:port` to listen on; PORT in the environment changes the port alone")
	flags.StringVar(&c.Data, "data", defaultData, "`folder` of versions, runs and corrections; made if it is missing")
	flags.StringVar(&c.NATS, "nats", "", "`URL` of NATS servers with JetStream, which then hold all that instead of --data")
	flags.IntVar(&c.Workers, "workers", 1, "`number` of runs to train at a time in this process, 0 for none")
	flags.StringVar(&c.Drawn, "drawn", "", "stroke `file` to measure trained versions on, beside MNIST; nothing is decided by it")
	flags.StringVar(&c.AdminToken, "admin-token", "", "`secret` of the administrator; needed when --addr is not loopback, and behind a proxy; without it whoever is on this machine is the administrator")
	flags.TextVar((*levelFlag)(&c.LogLevel), "log-level", levelFlag(slog.LevelInfo), "least `level` that is logged: debug, info, warn, error")
	flags.StringVar(&c.LogFormat, "log-format", "text", "`format` of the log: text, json")
	flags.BoolVar(&c.Dev, "dev", false, "serve the folder ./web as it is on disk, not as it was built in")

	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			help(flags, out)
			return c, errHelp
		}
		return c, misused(out, err)
	}
	if err := fromEnvironment(flags, getenv); err != nil {
		return c, misused(out, err)
	}
	if flags.NArg() > 0 {
		return c, misused(out, fmt.Errorf("unexpected argument %q", flags.Arg(0)))
	}
	if c.LogFormat != "text" && c.LogFormat != "json" {
		return c, misused(out, fmt.Errorf("--log-format is %q, want text or json", c.LogFormat))
	}
	if c.Workers < 0 || c.Workers > maxWorkers {
		return c, misused(out, fmt.Errorf("--workers is %d, want 0 to %d", c.Workers, maxWorkers))
	}
	if c.Data == "" && c.NATS == "" {
		return c, misused(out, fmt.Errorf("--data is empty, want a folder, as in %s", defaultData))
	}
	if _, port, err := net.SplitHostPort(c.Addr); err != nil || !isPort(port) {
		return c, misused(out, fmt.Errorf("--addr is %q, want host:port, as in %s", c.Addr, defaultAddr))
	}
	if !c.loopback() && c.AdminToken == "" {
		return c, fmt.Errorf("%s can be reached from other machines, and there is no --admin-token to tell you from a stranger\n"+
			"hint: give one (--admin-token or RAKAM_ADMIN_TOKEN), or stay on this machine with --addr %s", c.Addr, defaultAddr)
	}
	return c, nil
}

// levelFlag is a level that says what it can be.
type levelFlag slog.Level

func (l levelFlag) MarshalText() ([]byte, error) { return slog.Level(l).MarshalText() }

func (l *levelFlag) UnmarshalText(text []byte) error {
	if (*slog.Level)(l).UnmarshalText(text) != nil {
		return errors.New("want debug, info, warn or error")
	}
	return nil
}

// fromEnvironment sets each flag that was not given from RAKAM_ and its name.
func fromEnvironment(flags *flag.FlagSet, getenv func(string) string) error {
	given := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	var err error
	flags.VisitAll(func(f *flag.Flag) {
		name := variable(f.Name)
		value := getenv(name)
		if port := getenv("PORT"); f.Name == "addr" && value == "" && port != "" {
			name, value = "PORT", net.JoinHostPort("127.0.0.1", port)
		}
		if given[f.Name] || value == "" || err != nil {
			return
		}
		if problem := flags.Set(f.Name, value); problem != nil {
			err = fmt.Errorf("%s is %q: %w", name, value, problem)
		}
	})
	return err
}

func variable(flagName string) string {
	return "RAKAM_" + strings.ToUpper(strings.ReplaceAll(flagName, "-", "_"))
}

func misused(out io.Writer, err error) error {
	fmt.Fprintf(out, "server: %v\nhint: server --help lists the flags\n", err)
	return errUsage
}

func help(flags *flag.FlagSet, out io.Writer) {
	fmt.Fprint(out, "usage: server [flags]\n\nServes Rakam. Each flag can also come from the environment.\n\n")
	flags.VisitAll(func(f *flag.Flag) {
		kind, text := flag.UnquoteUsage(f)
		fmt.Fprintf(out, "  %s\n        %s", strings.TrimSpace("--"+f.Name+" "+kind), text)
		if f.DefValue != "" && f.DefValue != "false" {
			fmt.Fprintf(out, " (default %s)", strings.ToLower(f.DefValue))
		}
		fmt.Fprintf(out, " [%s]\n", variable(f.Name))
	})
}

func isPort(text string) bool {
	n, err := strconv.ParseUint(text, 10, 16)
	return err == nil && n <= 65535
}

// loopback says whether only this machine can reach Addr.
func (c Config) loopback() bool {
	host, _, err := net.SplitHostPort(c.Addr)
	return err == nil && isLoopback(host)
}

// trusting says whether nobody has to prove that he is the administrator.
func (c Config) trusting() bool { return c.loopback() && c.AdminToken == "" }

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
