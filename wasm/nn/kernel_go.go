//go:build !(js && kernel)

package nn

func dense(y, x, w, b []float32) { denseGo(y, x, w, b) }

func conv(y, frame, w, b []float32, in Shape, side int) { convGo(y, frame, w, b, in, side) }
