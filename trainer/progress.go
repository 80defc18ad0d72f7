package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"rakam/trainer/fit"
)

// newProgress returns how progress is shown, a bar on a terminal and a line an
// epoch elsewhere, and what to call in the end.
func newProgress(w io.Writer) (show func(fit.Progress), done func()) {
	line := func(p fit.Progress) {
		e := p.Finished
		fmt.Fprintf(w, "epoch %*d/%d  loss %.4f  accuracy %.4f  val_loss %.4f  val_accuracy %.4f  %.1f s  ETA %s\n",
			len(fmt.Sprint(p.Epochs)), p.Epoch, p.Epochs, e.Loss, e.Accuracy, e.ValLoss, e.ValAccuracy, e.Seconds,
			p.Remaining.Round(time.Second))
	}
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return func(p fit.Progress) {
			if p.Finished != nil {
				line(p)
			}
		}, func() {}
	}
	var bar *progressbar.ProgressBar
	show = func(p fit.Progress) {
		if bar == nil {
			bar = newBar(w, p.Epochs*p.Steps)
		}
		if p.Finished != nil {
			_ = bar.Clear()
			line(p)
		}
		bar.Describe(fmt.Sprintf("epoch %d/%d  loss %.4f  accuracy %.4f  ETA %s",
			p.Epoch, p.Epochs, p.Loss, p.Accuracy, p.Remaining.Round(time.Second)))
		_ = bar.Set((p.Epoch-1)*p.Steps + p.Step)
	}
	return show, func() {
		if bar != nil {
			_ = bar.Clear()
		}
	}
}

func newBar(w io.Writer, steps int) *progressbar.ProgressBar {
	return progressbar.NewOptions(steps,
		progressbar.OptionSetWriter(w),
		progressbar.OptionSetWidth(8),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionSetPredictTime(false),
		progressbar.OptionSetElapsedTime(false),
	)
}
