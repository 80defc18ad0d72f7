package report

import (
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"

	"rakam/wasm/nn"
	"rakam/wasm/reader"
)

// WriteText prints the classification report as scikit-learn does, then the
// confusion matrix and what a set of drawings adds.
func (r *Report) WriteText(w io.Writer) error {
	fmt.Fprintf(w, "model     %s  (sha256 %.12s)\n", r.Model, r.ModelSHA256)
	fmt.Fprintf(w, "data      %s, %d samples\n", r.Dataset, r.Samples)
	fmt.Fprintf(w, "accuracy  %.2f %%  (95 %% interval %.2f to %.2f)\n", 100*r.Accuracy, 100*r.AccuracyInterval[0], 100*r.AccuracyInterval[1])
	if u := r.Undisputed; u != nil {
		fmt.Fprintf(w, "          %.2f %%  without the %d test labels that people judged wrong\n", 100*u.Accuracy, r.Samples-u.Samples)
	}
	fmt.Fprintf(w, "loss      %.4f\nECE       %.2f %%\n\n", r.Loss, 100*r.Calibration.ECE)
	if err := r.writeClasses(w); err != nil {
		return err
	}
	if err := r.writeConfusion(w); err != nil {
		return err
	}
	if err := r.writeDrawn(w); err != nil {
		return err
	}
	return r.writeRobustness(w)
}

func (r *Report) writeClasses(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "\tprecision\trecall\tf1-score\tsupport\t")
	row := func(name string, s ClassScore) {
		fmt.Fprintf(t, "%s\t%.4f\t%.4f\t%.4f\t%d\t\n", name, s.Precision, s.Recall, s.F1, s.Support)
	}
	for c := range nn.Classes {
		row(strconv.Itoa(c), r.Classes[strconv.Itoa(c)])
	}
	fmt.Fprintln(t, "\t\t\t\t\t")
	row("macro avg", r.MacroAvg)
	row("weighted avg", r.WeightedAvg)
	return t.Flush()
}

func (r *Report) writeConfusion(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(w, "\nconfusion matrix (rows true, columns predicted)\n\n")
	fmt.Fprint(t, "\t")
	for c := range nn.Classes {
		fmt.Fprintf(t, "%d\t", c)
	}
	fmt.Fprintln(t)
	for c, counts := range r.Confusion {
		fmt.Fprintf(t, "%d\t", c)
		for _, n := range counts {
			fmt.Fprintf(t, "%d\t", n)
		}
		fmt.Fprintln(t)
	}
	return t.Flush()
}

func (r *Report) writeDrawn(w io.Writer) error {
	if err := writeVerdicts(w, r.Verdicts, r.Samples); err != nil || r.Writers == nil {
		return err
	}
	all := r.Writers
	fmt.Fprintf(w, "\nwriters: mean %.2f %%, the worst tenth (%d of %d) %.2f %%\n\n", 100*all.Mean, all.Worst, len(all.Each), 100*all.WorstTenth)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "\taccuracy\t95 % interval\tsamples\t")
	for _, one := range all.Each {
		fmt.Fprintf(t, "%s\t%.4f\t%.4f to %.4f\t%d\t\n", one.Writer, one.Accuracy, one.AccuracyInterval[0], one.AccuracyInterval[1], one.Samples)
	}
	return t.Flush()
}

// writeVerdicts prints how often each verdict was given, the most frequent first.
func writeVerdicts(w io.Writer, verdicts map[reader.Verdict]Tally, samples int) error {
	if len(verdicts) == 0 {
		return nil
	}
	fmt.Fprint(w, "\nverdicts, and how often the best guess was right\n\n")
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "\tsamples\t%\tright\twrong\t")
	for _, v := range ByCount(verdicts) {
		n := verdicts[v]
		fmt.Fprintf(t, "%s\t%d\t%.2f\t%d\t%d\t\n", v, n.Count, 100*float64(n.Count)/float64(samples), n.Right, n.Count-n.Right)
	}
	return t.Flush()
}

func (r *Report) writeRobustness(w io.Writer) error {
	if len(r.Robustness) == 0 {
		return nil
	}
	fmt.Fprint(w, "\nrobustness: the same drawings, changed\n\n")
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "\taccuracy\t95 % interval\trefused\t")
	for _, v := range append([]Variation{r.Unchanged()}, r.Robustness...) {
		fmt.Fprintf(t, "%s\t%.4f\t%.4f to %.4f\t%d\t\n", v.Change, v.Accuracy, v.AccuracyInterval[0], v.AccuracyInterval[1], v.Refused)
	}
	return t.Flush()
}

// WriteText prints how many were refused, and the verdicts.
func (o *Others) WriteText(w io.Writer) error {
	fmt.Fprintf(w, "model     %s  (sha256 %.12s)\n", o.Model, o.ModelSHA256)
	fmt.Fprintf(w, "data      %s, %d drawings that are no digits\n", o.Dataset, o.Samples)
	fmt.Fprintf(w, "refused   %.2f %%  (95 %% interval %.2f to %.2f)\n\n", 100*o.Refused, 100*o.RefusedInterval[0], 100*o.RefusedInterval[1])
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "\tdrawings\t%\t")
	for _, v := range ByCount(o.Verdicts) {
		fmt.Fprintf(t, "%s\t%d\t%.2f\t\n", v, o.Verdicts[v].Count, 100*float64(o.Verdicts[v].Count)/float64(o.Samples))
	}
	return t.Flush()
}
