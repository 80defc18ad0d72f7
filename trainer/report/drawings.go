package report

import (
	"cmp"
	"maps"
	"slices"

	"rakam/trainer/drawn"
	"rakam/wasm/nn"
	"rakam/wasm/reader"
)

// Tally is how many drawings got a verdict.
type Tally struct {
	Count int `json:"count"`
	Right int `json:"right"` // of Count, those of which the best guess was right
}

// Writers is how evenly those who drew are read.
type Writers struct {
	Mean       float64       `json:"mean"`        // of their accuracies, each writer counting the same
	WorstTenth float64       `json:"worst_tenth"` // mean accuracy of the tenth of the writers who are read worst
	Worst      int           `json:"worst"`       // how many writers that tenth is: at least one
	Each       []WriterScore `json:"each"`        // by name
}

// WriterScore is how one writer is read.
type WriterScore struct {
	Writer string `json:"writer"`
	Subset
}

// Others is how drawings that are no digits are read.
type Others struct {
	Model       string `json:"model"`
	ModelSHA256 string `json:"model_sha256"` // of the file measured, in hex
	Dataset     string `json:"dataset"`
	Samples     int    `json:"samples"`

	Refused         float64                  `json:"refused"`          // share that was told to be no digit, 0..1
	RefusedInterval [2]float64               `json:"refused_interval"` // 95 % Wilson score interval
	Verdicts        map[reader.Verdict]Tally `json:"verdicts"`         // Right is 0: no guess is
}

// EvaluateDrawn measures a model file on drawn digits as the drawing page reads
// them: through package reader, from the strokes. Accuracy, confusion and scores
// are those of the best guess, the digit with the largest probability, whatever
// the verdict, so that they compare with MNIST's: a drawing that the page refuses
// counts as right if the guess it does not show is right. The verdicts are counted
// beside that. It fails as Evaluate does.
func EvaluateDrawn(file []byte, set *drawn.Set) (*Report, error) {
	r, m, err := begin(file, len(set.Drawings), set.Name)
	if err != nil {
		return nil, err
	}
	probabilities, verdicts := readAll(m, set.Drawings, nil)
	r.measure(probabilities, func(i int) int { return set.Drawings[i].Label })
	r.Credit = set.Credit
	right := slices.Repeat([]bool{true}, r.Samples)
	for i, m := range r.Mistakes {
		right[m.Index] = false
		r.Mistakes[i].ID = set.Drawings[m.Index].ID
	}
	r.Verdicts = tally(verdicts, right)
	r.Writers = scoreWriters(set.Drawings, right)
	return r, nil
}

// EvaluateOthers measures how many drawings that are no digits a model file
// refuses. It fails as Evaluate does.
func EvaluateOthers(file []byte, list []drawn.Drawn, dataset string) (*Others, error) {
	r, m, err := begin(file, len(list), dataset)
	if err != nil {
		return nil, err
	}
	_, verdicts := readAll(m, list, nil)
	o := &Others{
		Model: r.Model, ModelSHA256: r.ModelSHA256, Dataset: dataset, Samples: r.Samples,
		Verdicts: tally(verdicts, make([]bool, len(list))),
	}
	refused := refusals(verdicts)
	o.Refused = float64(refused) / float64(o.Samples)
	o.RefusedInterval = Wilson(refused, o.Samples)
	return o, nil
}

// readAll reads drawings on all processors: their probabilities, [n][10], and
// verdicts, [n]. Where the reader did not ask the network, as with too little ink,
// it is asked here: the best guess is its own, and not the first of ten zeros. With a
// function for their images these are changed by it, in place, before they are read; what
// lies apart in the drawing still does.
func readAll(m *nn.Model, list []drawn.Drawn, onImage func([]float32)) ([][nn.Classes]float32, []reader.Verdict) {
	probabilities, verdicts := make([][nn.Classes]float32, len(list)), make([]reader.Verdict, len(list))
	inParallel(len(list), func() func(int) {
		r, s := reader.New(m), m.NewSession()
		return func(i int) {
			reading := r.Read(list[i].Strokes)
			if onImage != nil {
				apart := reading.Verdict == reader.Several
				onImage(reading.Image[:])
				if reading = r.ReadImage(&reading.Image); apart {
					reading.Verdict = reader.Several
				}
			}
			probabilities[i], verdicts[i] = reading.Probabilities, reading.Verdict
			if probabilities[i] == [nn.Classes]float32{} {
				copy(probabilities[i][:], s.Run(reading.Image[:]))
			}
		}
	})
	return probabilities, verdicts
}

// refusals counts the verdicts that tell no digit.
func refusals(verdicts []reader.Verdict) (n int) {
	for _, v := range verdicts {
		if v.Refuses() {
			n++
		}
	}
	return n
}

func tally(verdicts []reader.Verdict, right []bool) map[reader.Verdict]Tally {
	counts := map[reader.Verdict]Tally{}
	for i, v := range verdicts {
		n := counts[v]
		n.Count++
		if right[i] {
			n.Right++
		}
		counts[v] = n
	}
	return counts
}

// ByCount returns the verdicts that were given, the most frequent first.
func ByCount(counts map[reader.Verdict]Tally) []reader.Verdict {
	return slices.SortedFunc(maps.Keys(counts), func(a, b reader.Verdict) int {
		return cmp.Or(cmp.Compare(counts[b].Count, counts[a].Count), cmp.Compare(a, b))
	})
}

// scoreWriters returns nil where no drawing names its writer.
func scoreWriters(list []drawn.Drawn, right []bool) *Writers {
	names := drawn.Writers(list)
	if len(names) == 0 {
		return nil
	}
	w := &Writers{Worst: (len(names) + 9) / 10}
	var accuracies []float64
	for _, name := range names {
		samples, hits := 0, 0
		for i, d := range list {
			if d.Writer == name {
				samples++
				if right[i] {
					hits++
				}
			}
		}
		score := WriterScore{name, Subset{samples, float64(hits) / float64(samples), Wilson(hits, samples)}}
		w.Each = append(w.Each, score)
		accuracies = append(accuracies, score.Accuracy)
	}
	w.Mean = mean(accuracies)
	slices.Sort(accuracies)
	w.WorstTenth = mean(accuracies[:w.Worst])
	return w
}

func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

// Pendigits says whether r is of drawings in UCI's data set, from whose writers, all of
// them, the generator of drawn digits got forms.
func (r *Report) Pendigits() bool { return r.Credit == drawn.PendigitsCredit }
