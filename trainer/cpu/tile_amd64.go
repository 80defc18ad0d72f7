package cpu

import "golang.org/x/sys/cpu"

// hasAVX512 says whether the processor and the system have what the kernels use.
var hasAVX512 = cpu.X86.HasAVX512F && cpu.X86.HasAVX512DQ

// tile is multiplyTile in assembly; distances are in bytes.
//
//go:noescape
func tile(c *float32, ldc int, a *float32, rs, ks int, b *float32, k int, add bool)

// multiplyTile computes c = a · b, or c += a · b with add, of a tile: c is
// [tileRows, tileCols] with rows ldc apart; a is [tileRows, k] with rows rs apart
// and columns ks apart; b is [k, tileCols], contiguous. Distances in values.
func multiplyTile(c []float32, ldc int, a []float32, rs, ks int, b []float32, k int, add bool) {
	if k == 0 {
		return
	}
	if !hasAVX512 {
		multiplyTileGo(c, ldc, a, rs, ks, b, k, add)
		return
	}
	// The assembly checks nothing: touch the last value of each.
	_ = c[(tileRows-1)*ldc+tileCols-1]
	_ = a[(tileRows-1)*rs+(k-1)*ks]
	_ = b[k*tileCols-1]
	tile(&c[0], 4*ldc, &a[0], 4*rs, 4*ks, &b[0], k, add)
}
