package main

import (
	"fmt"
	"unsafe"

	"github.com/hack-pad/safejs"

	"rakam/wasm/nn"
)

// arrays knows the typed arrays of JavaScript.
type arrays struct {
	uint8, float32, uint32 class
	reflect, hasInstance   safejs.Value
}

// class is a constructor of typed arrays.
type class struct {
	name  string
	size  int // of an element in bytes
	value safejs.Value
}

func newArrays() (arrays, error) {
	a := arrays{uint8: class{name: "Uint8Array", size: 1}, float32: class{name: "Float32Array", size: 4}, uint32: class{name: "Uint32Array", size: 4}}
	global := safejs.Global()
	for _, c := range []*class{&a.uint8, &a.float32, &a.uint32} {
		var err error
		if c.value, err = global.Get(c.name); err != nil {
			return a, err
		}
	}
	var err error
	if a.reflect, err = global.Get("Reflect"); err != nil {
		return a, err
	}
	symbol, err := global.Get("Symbol")
	if err != nil {
		return a, err
	}
	key, err := symbol.Get("hasInstance")
	if err != nil {
		return a, err
	}
	a.hasInstance, err = a.reflect.Call("get", a.uint8.value, key)
	return a, err
}

// is says whether v is of class c. Go's glue passes on what a getter or a proxy
// throws through Go's frames, after which the module is broken, but it catches
// what a called function throws. So arguments are looked at by calls only:
// instanceof is Function.prototype[Symbol.hasInstance], a property Reflect.get.
func (a *arrays) is(v safejs.Value, c class) bool {
	answer, err := a.hasInstance.Call("call", c.value, v)
	if err != nil {
		return false
	}
	is, err := answer.Bool()
	return err == nil && is
}

func (a *arrays) get(v safejs.Value, property string) (int, error) {
	got, err := a.reflect.Call("get", v, property)
	if err != nil {
		return 0, err
	}
	return got.Int()
}

// view returns the bytes of argument i, a typed array of class c, uncopied, and
// the number of its elements. safejs copies from and to Uint8Array only.
func (a *arrays) view(args []safejs.Value, i int, name string, c class) (view safejs.Value, n int, err error) {
	if i >= len(args) {
		return view, 0, wrong(fmt.Sprintf("the argument %s is missing", name), fmt.Sprintf("give a %s", c.name))
	}
	if !a.is(args[i], c) {
		return view, 0, wrong(fmt.Sprintf("the argument %s is not a %s", name, c.name), fmt.Sprintf("convert it with %s.from(…)", c.name))
	}
	buffer, err := a.reflect.Call("get", args[i], "buffer")
	if err != nil {
		return view, 0, err
	}
	offset, err := a.get(args[i], "byteOffset")
	if err != nil {
		return view, 0, err
	}
	if n, err = a.get(args[i], "length"); err != nil {
		return view, 0, err
	}
	view, err = a.uint8.value.New(buffer, offset, n*c.size)
	return view, n, err
}

const fileHint = "load a model.safetensors written by this release of Rakam"

// bytes copies the Uint8Array that load is given.
func (a *arrays) bytes(args []safejs.Value) ([]byte, error) {
	view, n, err := a.view(args, 0, "bytes", a.uint8)
	if err != nil {
		return nil, err
	}
	if n > nn.MaxFileSize {
		return nil, fault{codeSize, fmt.Sprintf("the model file has %d bytes, the limit is %d", n, nn.MaxFileSize), fileHint, nn.MaxFileSize}
	}
	file := make([]byte, n)
	_, err = safejs.CopyBytesToGo(file, view)
	return file, err
}

// copyIn fills dst from a view of as many bytes.
func copyIn[T float32 | uint32](dst []T, view safejs.Value) error {
	_, err := safejs.CopyBytesToGo(memory(dst), view)
	return err
}

// copyOut returns a new Float32Array with a copy of values.
func (a *arrays) copyOut(values []float32) (array safejs.Value, err error) {
	view, err := a.uint8.value.New(4 * len(values))
	if err != nil {
		return array, err
	}
	if _, err := safejs.CopyBytesToJS(view, memory(values)); err != nil {
		return array, err
	}
	buffer, err := view.Get("buffer")
	if err != nil {
		return array, err
	}
	return a.float32.value.New(buffer)
}

// memory returns the bytes of s itself. WebAssembly is little-endian, and so
// are typed arrays wherever it runs.
func memory[T float32 | uint32](s []T) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), 4*len(s))
}
