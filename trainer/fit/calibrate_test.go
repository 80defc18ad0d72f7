package fit

import (
	"math"
	"math/rand/v2"
	"testing"

	"rakam/trainer/mnist"
	"rakam/trainer/report"
)

// TestPlatt: logits that claim twice as much as they keep, and too much by one,
// are found out.
func TestPlatt(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	var x []float64
	var is []bool
	for range 200_000 {
		true0 := 3 * rng.NormFloat64()
		x = append(x, 2*true0+1)
		is = append(is, rng.Float64() < 1/(1+math.Exp(-true0)))
	}
	if a, b := platt(x, is); math.Abs(a-0.5) > 0.01 || math.Abs(b+0.5) > 0.02 {
		t.Errorf("a, b = %.3f, %.3f; want 0.5, -0.5", a, b)
	}
	// Certain and always right: nothing to minimise, and nothing breaks.
	if a, b := platt([]float64{50, -50}, []bool{true, false}); !(a > 0) || math.IsNaN(b) {
		t.Errorf("a, b = %v, %v", a, b)
	}
}

// TestCalibrated: an overconfident model is calibrated on images that neither it
// nor the measure has seen, and reads what it read.
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
	if before.Confusion != after.Confusion {
		t.Error("calibration changes what is read")
	}
	if !(after.Loss < before.Loss && after.Calibration.ECE < before.Calibration.ECE/2) {
		t.Errorf("loss %.4f → %.4f, ECE %.4f → %.4f", before.Loss, after.Loss, before.Calibration.ECE, after.Calibration.ECE)
	}
}
