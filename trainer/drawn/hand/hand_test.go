package hand

import (
	"math/rand/v2"
	"reflect"
	"testing"
)

func TestTheSameStateDrawsTheSame(t *testing.T) {
	for label := range 10 {
		a := Digit(rand.New(rand.NewPCG(3, uint64(label))), label)
		b := Digit(rand.New(rand.NewPCG(3, uint64(label))), label)
		if !reflect.DeepEqual(a, b) {
			t.Errorf("two %ds from the same state differ", label)
		}
	}
}

func BenchmarkDigit(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range b.N {
		Digit(rng, i%10)
	}
}
