package cpu

import (
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapeinference"
)

// DotGeneral multiplies two matrices, either of them possibly transposed: several
// axes may stand for one where they lie side by side. Batch axes are refused.
func (f *function) DotGeneral(lhs compute.Value, lhsContracting, lhsBatch []int, rhs compute.Value,
	rhsContracting, rhsBatch []int, config compute.DotGeneralConfig) (compute.Value, error) {
	in := nodesOf(lhs, rhs)
	shape, err := shapeinference.DotGeneral(in[0].shape, lhsContracting, lhsBatch, in[1].shape, rhsContracting, rhsBatch, config)
	if err != nil {
		return nil, err
	}
	a, okA := asMatrix(in[0].shape.Dimensions, lhsContracting)
	b, okB := asMatrix(in[1].shape.Dimensions, rhsContracting)
	if len(lhsBatch) > 0 || !okA || !okB || shape.DType != dtypes.Float32 {
		return nil, f.ErrFn(compute.OpTypeDotGeneral)
	}
	return f.add(shape, func(out *buffer, in []*buffer) { multiply(out.f, in[0].f, a, in[1].f, b) }, in...), nil
}

// matrix is how an operand is read: of rows × k values, the distance between
// neighbours along each.
type matrix struct{ rows, k, rowStep, kStep int }

// asMatrix reads dims as a matrix if the contracting axes, in ascending order,
// are all the first or all the last ones.
func asMatrix(dims, contracting []int) (matrix, bool) {
	k, n := 1, len(contracting)
	for _, a := range contracting {
		k *= dims[a]
	}
	rows := product(dims) / max(k, 1)
	first, last := make([]int, n), make([]int, n)
	for i := range n {
		first[i], last[i] = i, len(dims)-n+i
	}
	switch {
	case slices.Equal(contracting, last):
		return matrix{rows, k, k, 1}, true
	case slices.Equal(contracting, first):
		return matrix{rows, k, 1, rows}, true
	}
	return matrix{}, false
}

// depth is how much of k is multiplied at a time: a panel of b of that depth and
// a tile's rows of a stay in the first-level cache.
const depth = 256

// multiply computes out[a.rows, b.rows] = x · yᵀ, where x and y are read as a and b.
func multiply(out, x []float32, a matrix, y []float32, b matrix) {
	panels := (b.rows + tileCols - 1) / tileCols
	tiles := (a.rows + tileRows - 1) / tileRows
	// Few panels leave processors idle, so the rows are split too.
	parts := min(tiles, max(1, 8/panels))
	tasks(panels*parts, func(i int) {
		p, part := i/parts, i%parts
		m := multiplication{out: out, x: x, a: a, y: y, b: b, col: p * tileCols}
		m.run(part*tiles/parts, (part+1)*tiles/parts)
	})
}

// multiplication computes one panel, of up to tileCols columns, of a product.
type multiplication struct {
	out, x, y []float32
	a, b      matrix
	col       int
	panel     [depth * tileCols]float32    // of y
	rows      [tileRows * depth]float32    // of x, where fewer than a tile's are left
	c         [tileRows * tileCols]float32 // a tile that does not fit into out
}

// run computes the tiles from..to of the panel.
func (m *multiplication) run(from, to int) {
	for k := 0; k < m.a.k; k += depth {
		n := min(depth, m.a.k-k)
		m.pack(k, n)
		for t := from; t < to; t++ {
			m.tile(t*tileRows, k, n)
		}
	}
}

// pack copies y's columns k..k+n of the panel's rows, transposed, with zeros for
// rows that are not there.
func (m *multiplication) pack(k, n int) {
	cols := min(tileCols, m.b.rows-m.col)
	for i := range n {
		to := m.panel[i*tileCols : (i+1)*tileCols]
		at := m.col*m.b.rowStep + (k+i)*m.b.kStep
		if m.b.rowStep == 1 {
			copy(to, m.y[at:at+cols])
			clear(to[cols:])
			continue
		}
		for j := range cols {
			to[j] = m.y[at+j*m.b.rowStep]
		}
		clear(to[cols:])
	}
}

// tile adds x's columns k..k+n times the panel to the tile that begins at row.
func (m *multiplication) tile(row, k, n int) {
	ldc := m.b.rows
	rows, cols := min(tileRows, m.a.rows-row), min(tileCols, m.b.rows-m.col)
	at := row*m.a.rowStep + k*m.a.kStep
	if rows == tileRows && cols == tileCols {
		multiplyTile(m.out[row*ldc+m.col:], ldc, m.x[at:], m.a.rowStep, m.a.kStep, m.panel[:], n, k > 0)
		return
	}
	for r := range rows {
		for i := range n {
			m.rows[r*depth+i] = m.x[at+r*m.a.rowStep+i*m.a.kStep]
		}
	}
	multiplyTile(m.c[:], tileCols, m.rows[:], depth, 1, m.panel[:], n, false)
	for r := range rows {
		to := m.out[(row+r)*ldc+m.col:][:cols]
		if k == 0 {
			copy(to, m.c[r*tileCols:])
		} else {
			addTo(to, to, m.c[r*tileCols:][:cols])
		}
	}
}
