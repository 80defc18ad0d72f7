package hand_test

import (
	"math/rand/v2"
	"testing"

	"rakam/trainer/drawn/hand"
	"rakam/trainer/pretrained"
	"rakam/wasm/ink"
	"rakam/wasm/nn"
)

// hard are the forms of which a network that knows only MNIST reads less than
// half or little more, though people read them.
var hard = map[string]bool{
	"1 long upstroke": true, "1 short upstroke": true, "1 curled": true,
	"1 slanted": true, "9 bellied": true, "9 curved tail": true, "9 open head": true, "9 small head": true, "9 like g": true,
	"9 on an s": true, "7 hooked cross": true,
	"6 low head": true, "4 lightning": true, "4 looped stem": true, "0 slashed back": true,
}

// TestANetworkThatKnowsMNISTReadsMostForms: what it misreads should be the
// forms MNIST lacks, not scrawl.
func TestANetworkThatKnowsMNISTReadsMostForms(t *testing.T) {
	seed, err := pretrained.Find("seed")
	if err != nil {
		t.Fatal(err)
	}
	session := seed.Model.NewSession()
	rng := rand.New(rand.NewPCG(10, 11))
	const n = 200
	var share, weight float64
	for digit := range 10 {
		for _, f := range hand.Forms(digit) {
			right := 0
			for range n {
				img, _ := ink.Render(f.Draw(rng))
				if nn.Argmax(session.Run(img[:])) == digit {
					right++
				}
			}
			name := string(rune('0'+digit)) + " " + f.Name
			t.Logf("%-28s %3d %%", name, 100*right/n)
			if read := float64(right) / n; read < 0.25 || read < 0.7 && !hard[name] {
				t.Errorf("%s: the seed reads %.0f %%", name, 100*read)
			}
			share += f.Weight * float64(right) / n
			weight += f.Weight
		}
	}
	t.Logf("all, by weight: %.1f %%", 100*share/weight)
	if share/weight < 0.88 {
		t.Errorf("the seed reads %.1f %% of all", 100*share/weight)
	}
}
