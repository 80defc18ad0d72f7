package cpu

import (
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapeinference"
)

// ConvGeneral convolves images [batch, height, width, channels] with stride 1, as
// the forward pass asks it to and as GoMLX's gradients with respect to the input
// (kernel channels swapped) and to the kernel (batch and channels swapped) do.
func (f *function) ConvGeneral(input, kernel compute.Value, axes compute.ConvolveAxesConfig, strides []int,
	paddings [][2]int, inputDilations, kernelDilations []int, channelGroups, batchGroups int) (compute.Value, error) {
	in := nodesOf(input, kernel)
	shape, err := shapeinference.ConvGeneral(in[0].shape, in[1].shape, axes, strides, paddings, inputDilations, kernelDilations, channelGroups, batchGroups)
	if err != nil {
		return nil, err
	}
	plain := onlyOnes(strides) && onlyOnes(inputDilations) && onlyOnes(kernelDilations) &&
		channelGroups <= 1 && batchGroups <= 1 && len(axes.InputSpatial) == 2
	if !plain || shape.DType != dtypes.Float32 {
		return nil, f.ErrFn(compute.OpTypeConvGeneral)
	}
	if paddings == nil {
		paddings = make([][2]int, 2)
	}
	x, k := in[0].shape.Dimensions, in[1].shape.Dimensions
	switch form := formOf(axes); form {
	case forward, forInput:
		c := convolution{batch: x[0], height: x[1], width: x[2], in: x[3], kh: k[0], kw: k[1], out: k[3], pad: [2][2]int(paddings)}
		if form == forInput {
			c.out, c.swapped = k[2], true
		}
		return f.add(shape, func(out *buffer, in []*buffer) { c.run(out.f, in[0].f, in[1].f) }, in...), nil
	case forKernel:
		c := convolution{batch: x[0], height: x[1], width: x[2], in: x[3], pad: [2][2]int(paddings),
			kh: shape.Dimensions[0], kw: shape.Dimensions[1], out: k[3]}
		return f.add(shape, func(out *buffer, in []*buffer) { c.runKernel(out.f, in[0].f, in[1].f) }, in...), nil
	}
	return nil, f.ErrFn(compute.OpTypeConvGeneral)
}

func onlyOnes(list []int) bool {
	return !slices.ContainsFunc(list, func(v int) bool { return v != 1 })
}

// form is what a convolution is for.
type form int

const (
	other form = iota
	forward
	forInput  // the gradient with respect to the input
	forKernel // the gradient with respect to the kernel
)

func formOf(a compute.ConvolveAxesConfig) form {
	in := [4]int{a.InputBatch, a.InputSpatial[0], a.InputSpatial[1], a.InputChannels}
	kernel := [4]int{a.KernelSpatial[0], a.KernelSpatial[1], a.KernelInputChannels, a.KernelOutputChannels}
	out := [4]int{a.OutputBatch, a.OutputSpatial[0], a.OutputSpatial[1], a.OutputChannels}
	plain := [4]int{0, 1, 2, 3}
	switch {
	case in == plain && out == plain && kernel == plain:
		return forward
	case in == plain && out == plain && kernel == [4]int{0, 1, 3, 2}:
		return forInput
	case in == [4]int{3, 1, 2, 0} && kernel == [4]int{1, 2, 0, 3} && out == [4]int{2, 0, 1, 3}:
		return forKernel
	}
	return other
}

// convolution is one on [batch, height, width, in] with kernels [kh, kw, in, out],
// or [kh, kw, out, in] when swapped.
type convolution struct {
	batch, height, width, in int
	kh, kw, out              int
	pad                      [2][2]int // before and after, of height and width
	swapped                  bool
}

// An image is copied into a frame of zeros, its padding. Rows of the frame lie
// one after the other, so a kernel's row is a contiguous run of kw·in values
// from any place, and one product of matrices covers the whole image: row p of
// it is the place p of the frame. Places that hang over the right edge are
// computed too and left out when the result is copied.

func (c *convolution) frameWidth() int  { return c.width + c.pad[1][0] + c.pad[1][1] }
func (c *convolution) frameHeight() int { return c.height + c.pad[0][0] + c.pad[0][1] }
func (c *convolution) outHeight() int   { return c.frameHeight() - c.kh + 1 }
func (c *convolution) outWidth() int    { return c.frameWidth() - c.kw + 1 }

// places is how many rows the product has, in whole tiles.
func (c *convolution) places() int { return roundUp(c.outHeight()*c.frameWidth(), tileRows) }

// frameSize is the length of a frame, with slack for the last tile.
func (c *convolution) frameSize() int { return (c.places() + c.kh*c.frameWidth() + c.kw) * c.in }

// fillFrame copies an image into a frame whose padding is zero already.
func (c *convolution) fillFrame(frame, image []float32) {
	n := c.width * c.in
	for y := range c.height {
		at := ((y+c.pad[0][0])*c.frameWidth() + c.pad[1][0]) * c.in
		copy(frame[at:at+n], image[y*n:(y+1)*n])
	}
}

// run computes out [batch, height', width', out] from x and the kernel k.
func (c *convolution) run(out, x, k []float32) {
	weights := c.pack(k)
	sizeIn, sizeOut := c.height*c.width*c.in, c.outHeight()*c.outWidth()*c.out
	panels := roundUp(c.out, tileCols) / tileCols
	parallel(c.batch, 1, func(from, to int) {
		frame := make([]float32, c.frameSize())
		result := make([]float32, c.places()*panels*tileCols)
		for i := from; i < to; i++ {
			c.fillFrame(frame, x[i*sizeIn:(i+1)*sizeIn])
			c.image(result, frame, weights, panels)
			c.keep(out[i*sizeOut:(i+1)*sizeOut], result, panels*tileCols)
		}
	})
}

// pack arranges the kernel as [kh][panels][kw·in][tileCols], zeros where there
// are fewer channels.
func (c *convolution) pack(k []float32) []float32 {
	panels := roundUp(c.out, tileCols) / tileCols
	run := c.kw * c.in
	packed := make([]float32, c.kh*panels*run*tileCols)
	for y := range c.kh {
		for i := range run {
			for o := range c.out {
				at := (y*run+i)*c.out + o
				if c.swapped {
					at = ((y*c.kw+i/c.in)*c.out+o)*c.in + i%c.in
				}
				packed[((y*panels+o/tileCols)*run+i)*tileCols+o%tileCols] = k[at]
			}
		}
	}
	return packed
}

// image convolves one frame: result is [places, panels·tileCols].
func (c *convolution) image(result, frame, weights []float32, panels int) {
	run, ldc := c.kw*c.in, panels*tileCols
	for p := range panels {
		for at := 0; at < c.places(); at += tileRows {
			for y := range c.kh {
				w := weights[(y*panels+p)*run*tileCols:][:run*tileCols]
				multiplyTile(result[at*ldc+p*tileCols:], ldc, frame[(at+y*c.frameWidth())*c.in:], c.in, 1, w, run, y > 0)
			}
		}
	}
}

// keep copies what lies within the image.
func (c *convolution) keep(out, result []float32, ldc int) {
	for y := range c.outHeight() {
		for x := range c.outWidth() {
			copy(out[(y*c.outWidth()+x)*c.out:][:c.out], result[(y*c.frameWidth()+x)*ldc:])
		}
	}
}

// shards is in how many parts the batch is summed. It is fixed, so that the
// result does not depend on the number of processors.
const shards = 8

// runKernel computes the gradient [kh, kw, in, out] with respect to the kernel
// from the inputs x and the gradients g [batch, height', width', out].
func (c *convolution) runKernel(out, x, g []float32) {
	rows := roundUp(c.kw*c.in, tileRows)
	panels := roundUp(c.out, tileCols) / tileCols
	sums := make([][]float32, min(shards, c.batch))
	tasks(len(sums), func(s int) {
		sums[s] = make([]float32, c.kh*rows*panels*tileCols)
		c.sumKernel(sums[s], x, g, s*c.batch/len(sums), (s+1)*c.batch/len(sums), rows, panels)
	})
	for _, s := range sums[1:] {
		addTo(sums[0], sums[0], s)
	}
	ldc := panels * tileCols
	for y := range c.kh {
		for i := range c.kw * c.in {
			copy(out[(y*c.kw*c.in+i)*c.out:][:c.out], sums[0][(y*rows+i)*ldc:])
		}
	}
}

// sumKernel sums the gradients of the images from..to: sum is [kh, rows, panels·tileCols].
// The gradients are laid out at the places of the frame, with zeros between.
func (c *convolution) sumKernel(sum, x, g []float32, from, to, rows, panels int) {
	places := c.outHeight() * c.frameWidth()
	frame := make([]float32, c.frameSize()+rows)
	spread := make([]float32, panels*places*tileCols)
	sizeIn, sizeOut := c.height*c.width*c.in, c.outHeight()*c.outWidth()*c.out
	ldc := panels * tileCols
	for n := from; n < to; n++ {
		c.fillFrame(frame, x[n*sizeIn:(n+1)*sizeIn])
		c.spread(spread, g[n*sizeOut:(n+1)*sizeOut], places)
		for y := range c.kh {
			for p := range panels {
				for i := 0; i < rows; i += tileRows {
					multiplyTile(sum[(y*rows+i)*ldc+p*tileCols:], ldc, frame[y*c.frameWidth()*c.in+i:], 1, c.in,
						spread[p*places*tileCols:][:places*tileCols], places, n > from)
				}
			}
		}
	}
}

// spread lays gradients [height', width', out] out as [panels][places][tileCols].
func (c *convolution) spread(to, g []float32, places int) {
	for y := range c.outHeight() {
		for x := range c.outWidth() {
			from := g[(y*c.outWidth()+x)*c.out:][:c.out]
			at := (y*c.frameWidth() + x) * tileCols
			for p := 0; len(from) > 0; p++ {
				n := copy(to[p*places*tileCols+at:][:tileCols], from)
				from = from[n:]
			}
		}
	}
}
