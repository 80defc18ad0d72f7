package fit

import (
	"math"
	"math/rand/v2"
	"testing"

	"rakam/trainer/mnist"
	"rakam/trainer/report"
	"rakam/wasm/nn"
)

// TestScale: logits that claim twice as much as they keep, and too much by an amount
// as well, are found out; a digit that isn't there has no say.
func TestScale(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	const absent = nn.Classes - 1
	var all claims
	for range 20_000 {
		is := rng.IntN(absent)
		var one [nn.Classes]float64
		for c := range one {
			v := rng.NormFloat64() - 1
			if c == is {
				v += 2
			}
			honest := 2*v - math.Log(absent-1) // the logarithm of the odds, by Bayes
			one[c] = 2*honest + 3
		}
		one[absent] = 5 // which would be wrong each time
		all.add(one, is)
	}
	s := all.scale()
	if math.Abs(s.slope-0.5) > 0.01 {
		t.Errorf("slope %.3f, want 0.5", s.slope)
	}
	if math.Abs(s.bias+1.5) > 0.05 {
		t.Errorf("bias %.3f, want -1.5", s.bias)
	}
	// Certain and always right: nothing to minimise, and nothing breaks.
	var certain claims
	certain.add([nn.Classes]float64{50, -50}, 0)
	certain.add([nn.Classes]float64{-50, 50}, 1)
	if s := certain.scale(); !(s.slope > 0) || s.bias-s.bias != 0 {
		t.Errorf("%v", s)
	}
	// No number: it ends, and changes nothing.
	var broken claims
	broken.add([nn.Classes]float64{math.NaN()}, 0)
	if s := broken.scale(); s != (scaling{slope: 1}) {
		t.Errorf("of what is no number: %v", s)
	}
}

// TestCalibrated: an overconfident model is calibrated on images that neither it
// nor the measure has seen, and reads the same.
func TestCalibrated(t *testing.T) {
	m := mustRun(t, config(t, small())).Model
	last := m.Params[len(m.Params)-1]
	for i := range last.Weight {
		last.Weight[i] *= 4
	}
	for i := range last.Bias {
		last.Bias[i] *= 4
	}
	train, err := mnist.Train()
	if err != nil {
		t.Fatal(err)
	}
	test := train.Slice(20_000, 25_000)
	score := func(of []byte) *report.Report {
		rep, err := report.Evaluate(of, test, "")
		if err != nil {
			t.Fatal(err)
		}
		return rep
	}
	before := score(bytesOf(t, m))
	after := score(bytesOf(t, calibrated(m, train.Slice(10_000, 15_000))))
	if after.Confusion != before.Confusion {
		t.Errorf("read before %v, after %v", before.Confusion, after.Confusion)
	}
	if !(after.Loss < before.Loss && after.Calibration.ECE < before.Calibration.ECE/2) {
		t.Errorf("loss %.4f → %.4f, ECE %.4f → %.4f", before.Loss, after.Loss, before.Calibration.ECE, after.Calibration.ECE)
	}
}
