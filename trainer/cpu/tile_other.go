//go:build !amd64

package cpu

const hasAVX512 = false

func multiplyTile(c []float32, ldc int, a []float32, rs, ks int, b []float32, k int, add bool) {
	multiplyTileGo(c, ldc, a, rs, ks, b, k, add)
}
