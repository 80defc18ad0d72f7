package mnist

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"strings"
	"testing"
)

func TestEmbedded(t *testing.T) {
	train, err := Train()
	if err != nil {
		t.Fatal(err)
	}
	test, err := Test()
	if err != nil {
		t.Fatal(err)
	}
	if train.Len() != TrainLen || test.Len() != TestLen {
		t.Fatalf("%d and %d images, want %d and %d", train.Len(), test.Len(), TrainLen, TestLen)
	}
	// Source: the counts published with the data set.
	want := [10]int{980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009}
	var got [10]int
	for i := range test.Len() {
		got[test.Label(i)]++
	}
	if got != want {
		t.Errorf("test set has %v of each digit, want %v", got, want)
	}
	for _, i := range Disputed {
		if i >= test.Len() {
			t.Errorf("disputed index %d is not in the test set", i)
		}
	}
	if train.Hash() == test.Hash() || test.Slice(0, 10).Hash() == test.Hash() {
		t.Errorf("different sets hash alike")
	}
}

// TestTestFiles: they are what Test was read from, in both forms.
func TestTestFiles(t *testing.T) {
	files, err := TestFiles()
	if err != nil {
		t.Fatal(err)
	}
	want, err := Test()
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 2 || files[0].Name != "t10k-images-idx3-ubyte" || files[1].Name != "t10k-labels-idx1-ubyte" {
		t.Fatalf("%d files", len(files))
	}
	for form, take := range map[string]func(File) []byte{"plain": func(f File) []byte { return f.IDX }, "zipped": func(f File) []byte { return f.Gzip }} {
		got, err := Parse(take(files[0]), take(files[1]))
		if err != nil || got.Hash() != want.Hash() {
			t.Errorf("%s: another set (%v)", form, err)
		}
	}
	if bytes.HasPrefix(files[0].IDX, []byte{0x1f, 0x8b}) || !bytes.HasPrefix(files[0].Gzip, []byte{0x1f, 0x8b}) {
		t.Error("the plain file is zipped, or the zipped one is not")
	}
}

func TestInk(t *testing.T) {
	set := Set{Images: make([]uint8, 2*784), Labels: []uint8{3, 4}}
	set.Images[784+5] = 255
	set.Images[784+6] = 51
	dst := make([]float32, 784)
	set.Ink(dst, 1)
	if dst[4] != 0 || dst[5] != 1 || dst[6] != 0.2 {
		t.Errorf("ink is %v", dst[4:7])
	}
}

// idx builds an IDX file of unsigned bytes.
func idx(data []byte, dims ...uint32) []byte {
	b := []byte{0, 0, 8, byte(len(dims))}
	for _, d := range dims {
		b = binary.BigEndian.AppendUint32(b, d)
	}
	return append(b, data...)
}

func zipped(t *testing.T, b []byte) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	w.Write(b)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func TestParse(t *testing.T) {
	images, labels := idx(make([]byte, 2*784), 2, 28, 28), idx([]byte{7, 9}, 2)
	for _, c := range []struct {
		name           string
		images, labels []byte
		want           string // in the error, or "" for none
	}{
		{"plain", images, labels, ""},
		{"gzip", zipped(t, images), zipped(t, labels), ""},
		{"swapped", idx(make([]byte, 20), 20), images, "not an IDX file of the kind wanted"},
		{"empty", nil, labels, "too few"},
		{"truncated", images[:len(images)-1], labels, "truncated or altered"},
		{"longer", append(bytes.Clone(images), 0), labels, "truncated or altered"},
		{"gzip truncated", zipped(t, images)[:20], labels, "damaged"},
		{"announces too many", idx(make([]byte, 784), 1<<31, 28, 28), labels, "announces 2147483648"},
		{"none", idx(nil, 0, 28, 28), idx(nil, 0), "announces 0"},
		{"another size", idx(make([]byte, 2*32*32), 2, 32, 32), labels, "32 pixels"},
		{"counts differ", images, idx([]byte{1}, 1), "2 images but 1 labels"},
		{"label 10", images, idx([]byte{1, 10}, 2), "label 1 is 10"},
	} {
		set, err := Parse(c.images, c.labels)
		switch {
		case c.want == "" && (err != nil || set.Len() != 2 || set.Label(1) != 9):
			t.Errorf("%s: %v", c.name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: error %v, want %q in it", c.name, err, c.want)
		}
	}
}

func TestGunzipLimit(t *testing.T) {
	bomb := zipped(t, make([]byte, 1<<20))
	if _, err := gunzip(bomb, 1<<20); err != nil {
		t.Error(err)
	}
	if _, err := gunzip(bomb, 1<<20-1); err == nil || !strings.Contains(err.Error(), "more than") {
		t.Errorf("more than the limit was uncompressed: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(idx(make([]byte, 784), 1, 28, 28), idx([]byte{7}, 1))
	f.Fuzz(func(t *testing.T, images, labels []byte) {
		set, err := Parse(images, labels)
		if err == nil && len(set.Images) != set.Len()*784 {
			t.Fatalf("%d pixels for %d labels", len(set.Images), set.Len())
		}
	})
}
