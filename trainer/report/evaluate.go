package report

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"

	"rakam/trainer/mnist"
	"rakam/wasm/nn"
)

// bins is the number of bars of the reliability diagram.
const bins = 10

// Samples is labelled images to measure a model on.
type Samples interface {
	Len() int
	Label(i int) int          // 0 to 9
	Ink(dst []float32, i int) // writes image i, [784], ink 1, paper 0
}

// Evaluate measures a model file on labelled images, through the code that
// reads drawings in the browser. Dataset names the set in the report. It fails
// if the file is not a usable model or the set is empty.
func Evaluate(file []byte, set Samples, dataset string) (*Report, error) {
	r, m, err := begin(file, set.Len(), dataset)
	if err != nil {
		return nil, err
	}
	r.measure(Probabilities(m, set), set.Label)
	return r, nil
}

// begin returns a report without its measures, and the model to measure.
func begin(file []byte, samples int, dataset string) (*Report, *nn.Model, error) {
	m, err := nn.Decode(file)
	if err != nil {
		return nil, nil, err
	}
	if samples == 0 {
		return nil, nil, errors.New("nothing to evaluate: the data holds no image")
	}
	sum := sha256.Sum256(file)
	return &Report{
		Model:       m.Meta.Name,
		ModelSHA256: hex.EncodeToString(sum[:]),
		Dataset:     dataset,
		Samples:     samples,
		Classes:     map[string]ClassScore{},
		Mistakes:    []Mistake{},
	}, m, nil
}

// EvaluateMNIST measures a model file on MNIST's 10,000 test images, with and
// without the disputed labels.
func EvaluateMNIST(file []byte) (*Report, error) {
	set, err := mnist.Test()
	if err != nil {
		return nil, err
	}
	r, err := Evaluate(file, set, MNISTTest)
	if err != nil {
		return nil, err
	}
	n := set.Len() - len(mnist.Disputed)
	wrong := 0
	for _, m := range r.Mistakes {
		if !slices.Contains(mnist.Disputed[:], m.Index) {
			wrong++
		}
	}
	r.Undisputed = &Subset{
		Samples:          n,
		Accuracy:         float64(n-wrong) / float64(n),
		AccuracyInterval: Wilson(n-wrong, n),
	}
	return r, nil
}

// Probabilities runs the model over a set on all processors: [n][10].
func Probabilities(m *nn.Model, set Samples) [][nn.Classes]float32 {
	out := make([][nn.Classes]float32, set.Len())
	inParallel(set.Len(), func() func(int) {
		s := m.NewSession()
		x := make([]float32, nn.ImageSize)
		return func(i int) {
			set.Ink(x, i)
			copy(out[i][:], s.Run(x))
		}
	})
	return out
}

// inParallel does 0 to n-1 on all processors, each with a worker of its own. A panic
// in one of them is one of the caller, who can recover it.
func inParallel(n int, worker func() (do func(i int))) {
	workers := runtime.GOMAXPROCS(0)
	var wg sync.WaitGroup
	var panicked atomic.Pointer[string]
	for w := range workers {
		wg.Go(func() {
			defer func() {
				if v := recover(); v != nil {
					what := fmt.Sprintf("%v\n%s", v, debug.Stack())
					panicked.Store(&what)
				}
			}()
			do := worker()
			for i := w; i < n; i += workers {
				do(i)
			}
		})
	}
	wg.Wait()
	if what := panicked.Load(); what != nil {
		panic(*what)
	}
}

// measure fills in what follows from the probabilities, [n][10], and the labels.
func (r *Report) measure(probs [][nn.Classes]float32, labelOf func(i int) int) {
	correct, loss := 0, 0.0
	sums := make([]struct {
		n, hits    int
		confidence float64
	}, bins)
	for i, p := range probs {
		label, predicted := labelOf(i), nn.Argmax(p[:])
		top := float64(p[predicted])
		r.Confusion[label][predicted]++
		loss += crossEntropy(p, label)
		b := &sums[min(int(top*bins), bins-1)]
		b.n++
		b.confidence += top
		if predicted == label {
			correct++
			b.hits++
		} else {
			r.Mistakes = append(r.Mistakes, Mistake{Index: i, True: label, Predicted: predicted, Probability: top})
		}
	}
	n := len(probs)
	r.Accuracy = float64(correct) / float64(n)
	r.AccuracyInterval = Wilson(correct, n)
	r.Loss = loss / float64(n)
	for i, s := range sums {
		b := Bin{From: float64(i) / bins, To: float64(i+1) / bins, Count: s.n}
		if s.n > 0 {
			b.Confidence, b.Accuracy = s.confidence/float64(s.n), float64(s.hits)/float64(s.n)
			r.Calibration.ECE += float64(s.n) / float64(n) * math.Abs(b.Accuracy-b.Confidence)
		}
		r.Calibration.Bins = append(r.Calibration.Bins, b)
	}
	r.scoreClasses()
}

// crossEntropy is the binary cross-entropy of one image, mean over its outputs,
// with probabilities kept 1e-7 away from 0 and 1 as Keras does.
func crossEntropy(p [nn.Classes]float32, label int) float64 {
	sum := 0.0
	for c, v := range p {
		q := min(max(float64(v), 1e-7), 1-1e-7)
		if c == label {
			sum -= math.Log(q)
		} else {
			sum -= math.Log1p(-q)
		}
	}
	return sum / nn.Classes
}

// scoreClasses fills the per-class scores and their averages from the
// confusion matrix.
func (r *Report) scoreClasses() {
	total := 0
	for c := range nn.Classes {
		support, predicted := 0, 0
		for k := range nn.Classes {
			support += r.Confusion[c][k]
			predicted += r.Confusion[k][c]
		}
		hits := float64(r.Confusion[c][c])
		s := ClassScore{Support: support}
		if predicted > 0 {
			s.Precision = hits / float64(predicted)
		}
		if support > 0 {
			s.Recall = hits / float64(support)
		}
		if s.Precision+s.Recall > 0 {
			s.F1 = 2 * s.Precision * s.Recall / (s.Precision + s.Recall)
		}
		r.Classes[strconv.Itoa(c)] = s
		r.MacroAvg.add(s, 1.0/nn.Classes)
		r.WeightedAvg.add(s, float64(support))
		total += support
	}
	w := &r.WeightedAvg
	w.Precision, w.Recall, w.F1 = w.Precision/float64(total), w.Recall/float64(total), w.F1/float64(total)
	r.MacroAvg.Support, r.WeightedAvg.Support = total, total
}

func (s *ClassScore) add(t ClassScore, weight float64) {
	s.Precision += weight * t.Precision
	s.Recall += weight * t.Recall
	s.F1 += weight * t.F1
}

// Wilson returns the 95 % Wilson score interval of a proportion of k hits in n.
// Source: E. B. Wilson, Probable inference, the law of succession, and
// statistical inference (1927).
func Wilson(k, n int) [2]float64 {
	if n == 0 {
		return [2]float64{0, 1}
	}
	const z = 1.959963984540054 // 97.5 % quantile of the normal distribution
	p, m := float64(k)/float64(n), float64(n)
	centre := (p + z*z/(2*m)) / (1 + z*z/m)
	half := z / (1 + z*z/m) * math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	return [2]float64{max(0, centre-half), min(1, centre+half)}
}

// Weakest returns n digits in ascending order of their F1 score.
func (r *Report) Weakest(n int) []int {
	digits := make([]int, nn.Classes)
	for c := range digits {
		digits[c] = c
	}
	slices.SortStableFunc(digits, func(a, b int) int {
		x, y := r.Classes[strconv.Itoa(a)].F1, r.Classes[strconv.Itoa(b)].F1
		switch {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
	return digits[:min(n, len(digits))]
}

// Confusion is one way of misreading and how often it happened.
type Confusion struct{ True, Predicted, Count int }

// Confusions returns the n most frequent ways of misreading, largest first.
func (r *Report) Confusions(n int) []Confusion {
	var all []Confusion
	for t, row := range r.Confusion {
		for p, count := range row {
			if t != p && count > 0 {
				all = append(all, Confusion{t, p, count})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Confusion) int { return b.Count - a.Count })
	return all[:min(n, len(all))]
}

// String is the headline in one line.
func (r *Report) String() string {
	return fmt.Sprintf("%.2f %% of %d (95 %%: %.2f–%.2f)", 100*r.Accuracy, r.Samples, 100*r.AccuracyInterval[0], 100*r.AccuracyInterval[1])
}
