//go:build !(js && kernel)

package nn

func dense(y, x, w, b []float32) { denseGo(y, x, w, b) }

func conv(y, frame, _, w, b []float32, in Shape, side int, rectify bool) {
	convGo(y, frame, w, b, in, side, rectify)
}

func pool(y, x []float32, in Shape) { poolGo(y, x, in) }

func strongest(channels, y []float32) { strongestGo(channels, y) }
