package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"text/tabwriter"

	"rakam/trainer/recipe"
)

func recipesCommand(_ context.Context, args []string, stdout, _ io.Writer) error {
	flags := newFlags("recipes", "", "Lists the recipes that `trainer fit` knows.", stdout)
	if err := parse(flags, args, nil); err != nil {
		return err
	}
	w := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tSPEC\tPARAMETERS\tOPTIMIZER\tEPOCHS\tBATCH\tHOLDOUT")
	for _, r := range recipe.All() {
		fmt.Fprintf(w, "%s\t%s\t%d\t%s, %g\t%d\t%d\t%d\n", r.Name, r.Model(), r.Model().Parameters(),
			r.Optimizer.Name, r.Optimizer.LearningRate, r.Epochs, r.BatchSize, r.Holdout)
	}
	fmt.Fprintln(w, "\nNAME\tDRAWN\tGENERATED\tOTHERS\tVARIED\tSCHEDULE\tAVERAGE\tDROPOUT\tBATCH NORM\tPRUNED\tTEACHER\tSTART")
	for _, r := range recipe.All() {
		fmt.Fprintf(w, "%s\t%g\t%g\t%g\t%t\t%s\t%g\t%g\t%t\t%d\t%s\t%s\n", r.Name, r.Mix.Drawn, r.Mix.Generated, r.Mix.Others,
			r.Augment.Any(), cmp.Or(r.Schedule, "constant"), r.Average, r.Dropout, r.BatchNorm, r.Prune, cmp.Or(r.Teacher, "none"), cmp.Or(r.Start, "random"))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintln(stdout, "\nDRAWN, GENERATED and OTHERS are how many drawings (given with --strokes), digits of our own\n"+
		"generator and drawings that are no digits an epoch has for each of MNIST's images. SPEC is that of\n"+
		"the model; the networks of an ensemble, as in 2x(…), are trained apart. PRUNED units of the last\n"+
		"hidden layer are there while it trains only.")
	return err
}
