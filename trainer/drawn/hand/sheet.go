package hand

import (
	"image"
	"image/color"
	"image/png"
	"io"
	"math/rand/v2"

	"rakam/wasm/ink"
)

// Digits returns n drawings of every form of the digits, a row for each form,
// from the zeros to the nines.
func Digits(rng *rand.Rand, n int) (rows [][]ink.Drawing) {
	for _, all := range forms {
		for i := range all {
			rows = append(rows, repeat(n, func() ink.Drawing { return all[i].Draw(rng) }))
		}
	}
	return rows
}

// Others returns n drawings of each kind, a row for each.
func Others(rng *rand.Rand, n int) (rows [][]ink.Drawing) {
	for _, o := range others {
		rows = append(rows, repeat(n, func() ink.Drawing { return o.draw(rng) }))
	}
	return rows
}

func repeat(n int, draw func() ink.Drawing) []ink.Drawing {
	row := make([]ink.Drawing, n)
	for i := range row {
		row[i] = draw()
	}
	return row
}

// Sheet writes a PNG picture of drawings in rows, as the images that networks
// read: ink dark on light paper, each pixel of an image zoom pixels wide.
func Sheet(w io.Writer, rows [][]ink.Drawing, zoom int) error {
	columns := 0
	for _, row := range rows {
		columns = max(columns, len(row))
	}
	cell := ink.Side*zoom + 1
	sheet := image.NewGray(image.Rect(0, 0, columns*cell+1, len(rows)*cell+1))
	for i := range sheet.Pix {
		sheet.Pix[i] = 0xd0 // the lines between
	}
	for y, row := range rows {
		for x, d := range row {
			img, _ := ink.Render(d)
			paste(sheet, &img, x*cell+1, y*cell+1, zoom)
		}
	}
	return png.Encode(w, sheet)
}

// paste draws the image with its left top corner at x, y.
func paste(sheet *image.Gray, img *ink.Image, x, y, zoom int) {
	for r := range ink.Side * zoom {
		for c := range ink.Side * zoom {
			v := img[r/zoom*ink.Side+c/zoom]
			sheet.SetGray(x+c, y+r, color.Gray{Y: uint8(255 - 255*v)})
		}
	}
}
