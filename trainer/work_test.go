package main

import (
	"context"
	"io"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/rogpeppe/go-internal/testscript"

	"rakam/trainer/jet"
	"rakam/trainer/runs"
)

// startNATS gives the script of the worker a NATS server, at $NATS.
func startNATS(env *testscript.Env) error {
	if filepath.Base(env.WorkDir) != "script-work" {
		return nil
	}
	s, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: -1, NoSigs: true, NoLog: true, JetStream: true, StoreDir: filepath.Join(env.WorkDir, "nats"),
	})
	if err != nil {
		return err
	}
	s.Start()
	env.Defer(s.Shutdown)
	if !s.ReadyForConnections(10 * time.Second) {
		return context.DeadlineExceeded
	}
	env.Setenv("NATS", s.ClientURL())
	return nil
}

// The commands of the worker's script that stand for the server.
var workCommands = map[string]func(ts *testscript.TestScript, neg bool, args []string){
	"submit": func(ts *testscript.TestScript, _ bool, _ []string) {
		epochs := 50
		_, _, err := service(ts).Submit(context.Background(), runs.Request{Recipe: "seed", Epochs: &epochs}, "")
		ts.Check(err)
	},
	// state waits until the run is in the state.
	"state": func(ts *testscript.TestScript, _ bool, args []string) {
		s := service(ts)
		for range 600 {
			all, err := s.List(context.Background())
			ts.Check(err)
			if len(all) == 1 && string(all[0].State) == args[0] {
				return
			}
			time.Sleep(50 * time.Millisecond)
		}
		ts.Fatalf("the run is never %s", args[0])
	},
	// waiting waits until a worker waits for runs.
	"waiting": func(ts *testscript.TestScript, _ bool, _ []string) {
		j := store(ts)
		for range 600 {
			c, err := j.JS.Consumer(context.Background(), "rakam_queue", "workers")
			if err == nil && c.CachedInfo().NumWaiting > 0 {
				return
			}
			time.Sleep(50 * time.Millisecond)
		}
		ts.Fatalf("no worker waits for runs")
	},
}

func store(ts *testscript.TestScript) *jet.Jet {
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	j, err := jet.Open(context.Background(), jet.Options{URL: ts.Getenv("NATS"), Log: log})
	ts.Check(err)
	ts.Defer(func() { j.Close() })
	return j
}

func service(ts *testscript.TestScript) *runs.Service {
	s, err := runs.Open(context.Background(), store(ts), runs.Options{})
	ts.Check(err)
	return s
}
