package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"

	"rakam/trainer/cpu"
	"rakam/trainer/jet"
	"rakam/trainer/pretrained"
	"rakam/trainer/registry"
	"rakam/trainer/runs"
)

func workCommand(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := newFlags("work", "--nats URL [flags]",
		"Trains the runs that are submitted to a server with the same --nats, one at a\n"+
			"time, until Ctrl-C. Then it keeps a checkpoint and gives its run back for another\n"+
			"worker to go on with. Start as many workers as you like, on any machine.", stdout)
	servers := flags.String("nats", os.Getenv("RAKAM_NATS"), "`URL` of a NATS server with JetStream; several with commas ($RAKAM_NATS)")
	maxTime := flags.Duration("max-time", 0, "`time` after which a run fails, as 2h; 0 for no limit")
	maxMemory := flags.Uint64("max-memory", 0, "`MiB` of memory beyond which a run fails; 0 for no limit")
	digits := flags.String("drawn", os.Getenv("RAKAM_DRAWN"), "measure versions on the drawings in this stroke `file` too ($RAKAM_DRAWN)")
	if err := parse(flags, args, nil); err != nil {
		return err
	}
	if *servers == "" {
		return usageError{errors.New("give --nats: the embedded store of a server can't be shared")}
	}
	worker := &runs.Worker{MaxTime: *maxTime, MaxMemory: *maxMemory << 20, Backend: cpu.Open}
	var err error
	if worker.Drawn, err = loadDigits(*digits); err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(stderr, nil))
	j, err := jet.Open(ctx, jet.Options{URL: *servers, Name: "rakam trainer work", Log: log})
	if err != nil {
		return err
	}
	return errors.Join(work(ctx, j, worker, log), j.Close())
}

// work runs a worker on the store until ctx ends.
func work(ctx context.Context, j *jet.Jet, w *runs.Worker, log *slog.Logger) error {
	shipped, err := pretrained.All()
	if err != nil {
		return err
	}
	if w.Registry, err = registry.Open(ctx, j, shipped); err != nil {
		return fmt.Errorf("the registry can't be opened: %w", err)
	}
	if w.Service, err = runs.Open(ctx, j, runs.Options{Log: log}); err != nil {
		return fmt.Errorf("the queue can't be opened: %w", err)
	}
	return w.Run(ctx)
}
