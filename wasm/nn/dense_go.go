//go:build !(js && kernel)

package nn

func dense(y, x, w, b []float32) { denseGo(y, x, w, b) }
