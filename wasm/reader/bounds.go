package reader

import "rakam/wasm/nn"

// Bounds are the thresholds between the verdicts, all in one place so that they
// can be fitted on validation data.
type Bounds struct {
	// Yes is above which an output says yes.
	Yes float32
	// Low is below which all outputs together make no digit. A digit is one of
	// the ten, so their sum is the probability that there is any.
	Low float32
	// Second is the least output of a second candidate: below, it says no for
	// certain.
	Second float32
	// Lead is how far the output that says yes must be ahead of the second to
	// be clear, so that 0.51 against 0.49 is not.
	Lead float32

	// Ink is the least sum of an image's pixels that can be a digit: a dot of
	// the pen has 4.7, a straight line across the square 47.
	Ink float32
	// Small is the least extent (the longer side of the pen's path) that can be
	// a digit, as a fraction of the side of the surface drawn on: under it the
	// pen slipped, or the drawing is too small to say what is meant.
	Small float64

	// Gap is how far apart strokes must lie to be two shapes side by side, as a
	// fraction of the drawing's height, when the whole is no clear digit.
	Gap float64
	// Wide is the same when the whole is a clear digit: networks that have seen
	// digits only are sure of many pairs.
	Wide float64
	// Tall is the least height of a shape that can be a digit beside another,
	// as a fraction of the tallest's: the hat of a 5 is not one.
	Tall float64
}

// DefaultBounds are those that New gives a reader. Yes, Low, Second and Lead follow
// from what a sigmoid output means, the probability that the image is this digit,
// each output asked on its own: more likely so than not, three to two that there is
// any digit, and nine to one against. With them an earlier best refused 0.2 % of
// 5,000 MNIST images that it did not train on, 0.2 % of 1,498 drawings by six writers,
// and of drawings that are no digits 99.4 % of the shapes it was taught and 96 % of
// those it was not. With a Low of 0.5 these were 0.1, 0.1, 99.3 and 95 %, of 0.9
// 0.4, 0.5, 99.7 and 98 %: of drawings that are no digit fewer pass, for a digit in
// four hundred that is not read. The least ink of MNIST's 70,000 images is 19.9
// pixels, that of two dots 9.4. Small is about the width of the pen on the
// drawing page. Of pendigits' 5,996 training digits the network seed takes 1 for
// several with this Gap, 0 with this Wide and 3 with a Wide of 0.1
// (TestSeveralOnPenStrokes).
var DefaultBounds = Bounds{
	Yes: 0.5, Low: 0.6, Second: 0.1, Lead: 0.2,
	Ink: 12, Small: 0.06,
	Gap: 0.04, Wide: 0.15, Tall: 0.4,
}

// judge gives the verdict on probabilities.
func (b *Bounds) judge(p *[nn.Classes]float32) (digit int, v Verdict, candidates []int) {
	first, second := best(p)
	switch {
	case b.Refuses(p):
		return -1, None, nil
	case b.clear(p[first], p[second]):
		return first, Digit, nil
	}
	if p[second] < b.Second {
		return first, Unsure, []int{first}
	}
	return first, Unsure, []int{first, second}
}

// Refuses says whether probabilities are of what looks like no digit.
func (b *Bounds) Refuses(p *[nn.Classes]float32) bool {
	var sum float32
	for _, v := range p {
		sum += v
	}
	return !(sum >= b.Low) // so that NaN is no digit either
}

// clear says whether the best output and the second leave no doubt.
func (b *Bounds) clear(first, second float32) bool {
	return first > b.Yes && second <= b.Yes && first-second >= b.Lead
}

// best returns the indices of the two largest, of equals the lower one first.
func best(p *[nn.Classes]float32) (first, second int) {
	first, second = 0, 1
	if p[1] > p[0] {
		first, second = 1, 0
	}
	for i := 2; i < len(p); i++ {
		switch {
		case p[i] > p[first]:
			first, second = i, first
		case p[i] > p[second]:
			second = i
		}
	}
	return first, second
}
