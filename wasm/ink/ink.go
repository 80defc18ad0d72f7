// Package ink turns a drawing, the strokes of a pen, into the 28×28 image that
// a network reads, by the recipe MNIST was made with.
//
// MNIST's digits were cropped to a square around their ink, reduced to 20×20
// pixels by area, and moved by whole pixels until their centre of mass lay in
// the middle of 28×28. Here the ink comes from points, so the square is known
// exactly and the pen is drawn after scaling: every line has the same width
// however large the person drew.
//
// The package depends on nothing but the standard library, and on little of
// that, because it runs in WebAssembly at every movement of the pen.
package ink

const (
	// Side is the width and the height of an image in pixels.
	Side = 28

	// Box is the side in pixels of the square that a drawing, pen included, is
	// scaled to fill.
	Box = 20

	// Pen is the width of every line in pixels. With it the median stroke width
	// of real handwriting comes out at 2.55 pixels, that of MNIST's test images
	// at 2.52, by one estimator on both (trainer/drawn's geometry test).
	Pen = 2.45

	// maxPoints is how many points of a drawing are drawn. A pen that is
	// sampled more often than this within 20 pixels adds nothing visible.
	maxPoints = 4096
)

// Point is a position of the pen, x to the right, y down, in any unit.
type Point struct{ X, Y float64 }

// Stroke is the points of one pen-down, in the order drawn.
type Stroke []Point

// Drawing is a list of strokes.
type Drawing []Stroke

// Image is 28×28 pixels, row-major, ink 1, paper 0.
type Image [Side * Side]float32

// Info explains how a drawing became its image, step by step.
type Info struct {
	// Blank says that the drawing has no usable point and the image no ink.
	Blank bool

	// Strokes and Points count what was drawn; Dropped the points that were
	// not numbers or infinite; Thinned those left out of a drawing with more
	// points than its image can show.
	Strokes, Points, Dropped, Thinned int

	// Min and Max are the corners of the path of the pen's centre, in the
	// drawing's unit.
	Min, Max Point

	// Scale is how many pixels one unit of the drawing became, 0 for a dot,
	// which has no size to scale. A point p of the drawing lies in the image
	// at p·Scale + Offset, where pixel (column c, row r) covers c to c+1 and
	// r to r+1.
	Scale  float64
	Offset Point

	// Width and Height are those of the ink, pen included, in pixels.
	Width, Height float64

	// Length is how far the pen went while down, in pixels.
	Length float64

	// Area is how much of the paper is inked, in pixels.
	Area float64

	// Mass is the centre of mass of the ink inside the 20×20 square, in pixel
	// indices: {9.5, 9.5} is its middle. Left and Top are the column and the
	// row of the image at which the square was put because of it; they are 4
	// and 4 when the ink is balanced around the middle.
	Mass      Point
	Left, Top int
}

// Renderer renders drawings and keeps its working memory between them. The
// zero value is ready to use; it must not be used by two goroutines at once.
type Renderer struct {
	// Least is the extent (the longer side of the path of the pen), in the
	// drawing's unit, from which on a drawing is enlarged to the whole square.
	// A smaller one, a tap that slipped or a tick, keeps the scale of a
	// drawing of that extent and stays small. MNIST did so with crops under
	// 10 pixels of its forms. The unit of a drawing is not known here, so zero
	// enlarges everything that is longer than a dot.
	Least float64

	points []Point // of all strokes, first in the drawing's unit, then in box pixels
	ends   []int   // per stroke the index after its last point
	mask   mask
}

// Render makes the image of a drawing. It never fails: points that are not
// finite are dropped, points beyond what an image can show are thinned, and
// without any usable point the image is empty and Info says Blank.
func Render(d Drawing) (Image, Info) {
	var r Renderer
	return r.Render(d)
}

// Render does what the function Render does, in r's memory.
func (r *Renderer) Render(d Drawing) (Image, Info) {
	var img Image
	info := r.collect(d)
	if info.Blank {
		return img, info
	}
	r.fit(&info)
	r.thin(&info)
	r.draw(&info)
	r.mask.center(&img, &info)
	return img, info
}
