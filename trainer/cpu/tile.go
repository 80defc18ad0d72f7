package cpu

// The size of a tile, what one call of the kernel computes: 28 of 32 vector
// registers hold it.
const (
	tileRows = 14
	tileCols = 32
)

// multiplyTileGo is multiplyTile in Go.
func multiplyTileGo(c []float32, ldc int, a []float32, rs, ks int, b []float32, k int, add bool) {
	for r := range tileRows {
		row := c[r*ldc : r*ldc+tileCols]
		if !add {
			clear(row)
		}
		for i := range k {
			v := a[r*rs+i*ks]
			if v == 0 {
				continue
			}
			for j, w := range b[i*tileCols : (i+1)*tileCols] {
				row[j] += v * w
			}
		}
	}
}

// roundUp returns n, or the next multiple of m.
func roundUp(n, m int) int { return (n + m - 1) / m * m }
