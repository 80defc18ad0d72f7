package report

import (
	"encoding/json"
	"fmt"
	"math"

	"rakam/trainer/recipe"
	"rakam/wasm/nn"
	"rakam/wasm/reader"
)

// ValidationLen is how many of MNIST's training images, the last ones, the gate
// measures on. Every recipe holds at least these out, but for seed.
const ValidationLen = 5000

// Significance is the probability below which a difference is not put down to
// chance.
const Significance = 0.05

// Outcome is what a comparison says about the challenger.
type Outcome string

// The outcomes.
const (
	Better            Outcome = "better"
	Worse             Outcome = "worse"
	Indistinguishable Outcome = "indistinguishable"
	Incomparable      Outcome = "incomparable" // one of the two has seen the images in training
)

// Comparison is two models on the same samples, and whether they differ.
type Comparison struct {
	Samples        int `json:"samples"`
	Corrections    int `json:"corrections"` // how many of the samples are corrections
	BothRight      int `json:"both_right"`
	OnlyChampion   int `json:"only_champion"` // right, where the challenger is wrong
	OnlyChallenger int `json:"only_challenger"`
	BothWrong      int `json:"both_wrong"`

	P            float64 `json:"p"` // of a difference at least as large between equals; McNemar, two-sided
	Verdict      Outcome `json:"verdict"`
	Contaminated bool    `json:"contaminated"` // see Gate
}

// Compare reads every sample with both models. A sample is right when its label
// has the largest probability and the image is not refused as no digit: a model that
// has learned to refuse too much is worse.
func Compare(challenger, champion *nn.Model, set Samples) Comparison {
	c := Comparison{Samples: set.Len()}
	ours, theirs := Probabilities(challenger, set), Probabilities(champion, set)
	for i := range set.Len() {
		label := set.Label(i)
		switch us, them := told(&ours[i], label), told(&theirs[i], label); {
		case us && them:
			c.BothRight++
		case us:
			c.OnlyChallenger++
		case them:
			c.OnlyChampion++
		default:
			c.BothWrong++
		}
	}
	c.Judge()
	return c
}

// told says whether a reader with these probabilities tells the label, surely or
// not.
func told(p *[nn.Classes]float32, label int) bool {
	return nn.Argmax(p[:]) == label && !reader.DefaultBounds.Refuses(p)
}

// Judge sets P and Verdict by how many samples only one of the two reads right.
func (c *Comparison) Judge() {
	c.P = McNemar(c.OnlyChampion, c.OnlyChallenger)
	switch {
	case c.P >= Significance:
		c.Verdict = Indistinguishable
	case c.OnlyChallenger > c.OnlyChampion:
		c.Verdict = Better
	default:
		c.Verdict = Worse
	}
}

// Gate compares on the validation images, the last ValidationLen of MNIST's
// training images, and on corrections that were held out of every training. If
// exactly one of the two models was trained on the validation images, it has an
// advantage that says nothing about other digits: the comparison is marked as
// contaminated, and unless that model is the worse one all the same, the verdict is
// left to the person.
func Gate(challenger, champion *nn.Model, validation, corrections Samples) Comparison {
	c := Compare(challenger, champion, joined{validation, corrections})
	c.Corrections = corrections.Len()
	ours, theirs := sawValidation(challenger), sawValidation(champion)
	c.Contaminated = ours != theirs
	if ours && !theirs && c.Verdict != Worse || theirs && !ours && c.Verdict != Better {
		c.Verdict = Incomparable
	}
	return c
}

// sawValidation reports whether the model may have been trained on validation
// images. Of a model that does not say how it was trained, the worst is assumed.
func sawValidation(m *nn.Model) bool {
	var r recipe.Recipe
	err := json.Unmarshal([]byte(m.Meta.Recipe), &r)
	return err != nil || r.Holdout < ValidationLen
}

// joined is two sets as one.
type joined struct{ a, b Samples }

func (j joined) Len() int { return j.a.Len() + j.b.Len() }

func (j joined) at(i int) (Samples, int) {
	if n := j.a.Len(); i >= n {
		return j.b, i - n
	}
	return j.a, i
}

func (j joined) Label(i int) int {
	set, i := j.at(i)
	return set.Label(i)
}

func (j joined) Ink(dst []float32, i int) {
	set, i := j.at(i)
	set.Ink(dst, i)
}

// McNemar returns the two-sided mid-p value of McNemar's exact test for two
// readers of the same samples, of which b were read right by the first only and
// c by the second only: with n = b+c and X ~ Binomial(n, 1/2), it is
// 2·P(X < min(b, c)) + P(X = min(b, c)). Equal counts, 0 and 0 too, give 1.
// Source: M. W. Fagerland, S. Lydersen, P. Laake, The McNemar test for binary
// matched-pairs data: mid-p and asymptotic are better than exact conditional
// (2013).
func McNemar(b, c int) float64 {
	n, k := b+c, min(b, c)
	if b == c {
		return 1
	}
	below := 0.0
	for i := range k {
		below += halfBinomial(n, i)
	}
	return 2*below + halfBinomial(n, k)
}

// halfBinomial returns P(X = k) for X ~ Binomial(n, 1/2), by logarithms, which
// do not overflow.
func halfBinomial(n, k int) float64 {
	return math.Exp(logFactorial(n) - logFactorial(k) - logFactorial(n-k) - float64(n)*math.Ln2)
}

func logFactorial(n int) float64 {
	l, _ := math.Lgamma(float64(n) + 1)
	return l
}

// String gives the numbers in one line.
func (c Comparison) String() string {
	return fmt.Sprintf("%s: of %d samples %d only by the challenger, %d only by the champion (p = %.3g)",
		c.Verdict, c.Samples, c.OnlyChallenger, c.OnlyChampion, c.P)
}
