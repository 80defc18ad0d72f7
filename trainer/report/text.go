package report

import (
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"

	"rakam/trainer/drawn"
	"rakam/wasm/ink"
	"rakam/wasm/nn"
)

// Drawings makes drawings into the images that the browser would make of them.
type Drawings []drawn.Drawn

// Len returns the number of drawings.
func (d Drawings) Len() int { return len(d) }

// Label returns the digit that the author of drawing i says it is.
func (d Drawings) Label(i int) int { return d[i].Label }

// Ink writes the image of drawing i to dst, [784].
func (d Drawings) Ink(dst []float32, i int) {
	image, _ := ink.Render(d[i].Strokes)
	copy(dst, image[:])
}

// WriteText prints the classification report as scikit-learn does, then the
// confusion matrix.
func (r *Report) WriteText(w io.Writer) error {
	fmt.Fprintf(w, "model     %s  (sha256 %.12s)\n", r.Model, r.ModelSHA256)
	fmt.Fprintf(w, "data      %s, %d images\n", r.Dataset, r.Samples)
	fmt.Fprintf(w, "accuracy  %.2f %%  (95 %% interval %.2f to %.2f)\n", 100*r.Accuracy, 100*r.AccuracyInterval[0], 100*r.AccuracyInterval[1])
	if u := r.Undisputed; u != nil {
		fmt.Fprintf(w, "          %.2f %%  without the %d test labels that people judged wrong\n", 100*u.Accuracy, r.Samples-u.Samples)
	}
	fmt.Fprintf(w, "loss      %.4f\nECE       %.2f %%\n\n", r.Loss, 100*r.Calibration.ECE)

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
	if err := t.Flush(); err != nil {
		return err
	}

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
