package main

import (
	"image"
	"image/png"
	"strings"
	"testing"

	"rakam/trainer/mnist"
	"rakam/wasm/nn"
)

func TestPicture(t *testing.T) {
	set, err := mnist.Test()
	if err != nil {
		t.Fatal(err)
	}
	r := start(t)
	for _, name := range []string{"0", "9999"} {
		got := r.get(t, "/mnist/test/"+name+".png")
		if got.StatusCode != 200 || got.Header.Get("Content-Type") != "image/png" || got.Header.Get("Cache-Control") != immutable {
			t.Fatalf("%s: %d %v", name, got.StatusCode, got.Header)
		}
		picture, err := png.Decode(strings.NewReader(got.Text))
		if err != nil {
			t.Fatal(err)
		}
		if picture.Bounds() != image.Rect(0, 0, nn.ImageSide, nn.ImageSide) {
			t.Fatalf("%s is %v", name, picture.Bounds())
		}
		index := map[string]int{"0": 0, "9999": 9999}[name]
		for i, ink := range set.Image(index) {
			grey, _, _, _ := picture.At(i%nn.ImageSide, i/nn.ImageSide).RGBA()
			if grey>>8 != uint32(255-ink) {
				t.Fatalf("%s: pixel %d is %d, want %d: dark ink on light paper", name, i, grey>>8, 255-ink)
			}
		}
	}
}

// TestTestFiles: who asks for the test digits gets MNIST's own files.
func TestTestFiles(t *testing.T) {
	r := start(t)
	files, err := mnist.TestFiles()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		for coding, want := range map[string][]byte{"gzip": f.Gzip, "": f.IDX} {
			got := r.get(t, "/mnist/"+f.Name, "Accept-Encoding", coding)
			if got.StatusCode != 200 || got.Header.Get("Content-Encoding") != coding || got.Header.Get("Cache-Control") != immutable || got.Text != string(want) {
				t.Errorf("%s, coding %q: %d %v, %d bytes of %d", f.Name, coding, got.StatusCode, got.Header, len(got.Text), len(want))
			}
		}
	}
	scenario{path: "/mnist/train-images-idx3-ubyte", status: 404, header: []string{"Content-Type", aProblem}, want: []string{files[0].Name, files[1].Name}}.check(t, r)
}

func TestNoSuchPicture(t *testing.T) {
	r := start(t)
	for _, name := range []string{"10000.png", "-1.png", "00.png", "x.png", "1", "1.gif", "+1.png", "99999999999999999999.png", "..%2f1.png"} {
		scenario{path: "/mnist/test/" + name, status: 404, header: []string{"Content-Type", aProblem}, want: []string{"0.png to 9999.png"}}.check(t, r)
	}
}
