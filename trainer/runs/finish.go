package runs

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"rakam/trainer/fit"
	"rakam/trainer/pretrained"
	"rakam/trainer/registry"
	"rakam/trainer/report"
)

// finish makes a version of a trained run, compares it with the champion, makes
// it the champion if the run asked for that and it is better, and ends the run.
// All of it can be done again if the worker dies on the way.
func (l *lease) finish(ctx context.Context, res *fit.Result) error {
	ctx = context.WithoutCancel(ctx)
	begun := time.Now()
	version, accuracy, err := l.addVersion(ctx, res)
	if err != nil {
		return err
	}
	l.say("trained", values{"version": version, "accuracy": percent(accuracy)})
	gate, promoted, err := l.compare(ctx, version)
	if errors.Is(err, errLost) {
		return err
	}
	if err != nil {
		l.say("uncompared", values{"reason": err.Error()})
	}
	checkpoint, drawings := l.run.Checkpoint, l.run.Drawings
	err = l.settle(ctx, func(r *Run) {
		r.State, r.Finished, r.Cancelling = Done, time.Now().UTC(), false
		r.Error, r.Hint, r.Deaths = "", "", 0
		r.Version, r.Gate, r.Promoted = version, gate, promoted
		r.MeasuringSeconds = math.Round(1000*time.Since(begun).Seconds()) / 1000
		r.Checkpoint, r.Leased, r.Drawings = "", "", ""
		r.Epoch, r.Step, r.History = len(res.History), 0, res.History
	})
	if err == nil {
		l.Service.discard(ctx, checkpoint, drawings)
	}
	return err
}

// percent is a fraction that reads as a percentage.
type percent float64

func (p percent) String() string { return fmt.Sprintf("%.2f %%", 100*float64(p)) }

// addVersion stores the model, which is measured as the file that is stored. The
// same model again is the same version.
func (l *lease) addVersion(ctx context.Context, res *fit.Result) (id string, accuracy float64, err error) {
	trained, err := l.drawings(ctx)
	if err != nil {
		return "", 0, err
	}
	measured := l.Drawn
	if n := measured.Shared(trained) + pretrained.Seen(l.run.Recipe, measured); n > 0 {
		l.say("shared", values{"drawings": n})
		measured = nil
	}
	a, rep, err := l.Artifacts(res, measured)
	if err != nil {
		return "", 0, err
	}
	v, err := l.Registry.Add(ctx, registry.Files(a), l.id)
	return v.ID, rep.Accuracy, err
}

// keepBest ends a cancelled run. Its best epoch, if one was completed, becomes a
// version; its checkpoint stays.
func (l *lease) keepBest(ctx context.Context) error {
	version := ""
	if l.run.Epoch > 0 {
		err := l.isolated(func() error {
			res, err := fit.Best(checkpoint{l})
			if err == nil {
				version, _, err = l.addVersion(context.WithoutCancel(ctx), res)
			}
			return err
		})
		if err != nil {
			l.say("unkept", values{"reason": err.Error()})
		}
	}
	l.say("cancelled", values{"epoch": l.run.Epoch + 1, "step": l.run.Step})
	ctx, cancel := persistent(ctx)
	defer cancel()
	return l.settle(ctx, func(r *Run) {
		r.State, r.Finished, r.Cancelling = Cancelled, time.Now().UTC(), false
		if version != "" {
			r.Version = version
		}
	})
}

// compare measures a challenger against the champion and promotes it if it may.
// When somebody else promotes meanwhile, it is measured against that one.
func (l *lease) compare(ctx context.Context, version string) (*report.Comparison, bool, error) {
	for range 5 {
		champion, rev, err := l.Registry.Champion(ctx)
		if err != nil {
			return nil, false, err
		}
		if champion.Version == version { // promoted before, by this run or by hand
			return champion.Gate, champion.Run == l.id, nil
		}
		gate, err := l.Gate(ctx, version, champion.Version)
		if err != nil {
			return nil, false, err
		}
		l.say("compared", values{"version": champion.Version, "verdict": gate.Verdict})
		if !l.run.Promote || gate.Verdict != report.Better {
			return &gate, false, nil
		}
		promoted, err := l.promote(ctx, version, &gate, rev)
		if promoted || err != nil {
			return &gate, promoted, err
		}
	}
	return nil, false, errors.New("the champion changed again and again")
}

// promote makes the version the champion. It reports false without an error when
// the champion has changed since it was compared.
func (l *lease) promote(ctx context.Context, version string, gate *report.Comparison, rev uint64) (bool, error) {
	// A worker that was given up must not promote; a run that did before its
	// worker died must not do so again, over what others promoted since.
	if err := l.update(ctx, func(*Run) {}); err != nil {
		return false, err
	}
	before, err := l.Registry.Promotions(ctx)
	if err != nil {
		return false, err
	}
	for _, p := range before {
		if p.Run == l.id && p.Version == version {
			return true, nil
		}
	}
	err = l.Registry.Promote(ctx, registry.Promotion{Version: version, By: "run " + l.id, Run: l.id, Gate: gate}, rev)
	if errors.Is(err, registry.ErrConflict) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	l.say("promoted", values{"version": version})
	if err := l.Service.AnnounceChampion(ctx, l.Registry); err != nil { // servers do it too when they notice
		l.say("unannounced", values{"reason": err.Error()})
	}
	return true, nil
}
