package main

import (
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
		fmt.Fprintf(w, "%s\t%s\t%d\t%s, %g\t%d\t%d\t%d\n", r.Name, r.Spec, r.Spec.Parameters(),
			r.Optimizer.Name, r.Optimizer.LearningRate, r.Epochs, r.BatchSize, r.Holdout)
	}
	return w.Flush()
}
