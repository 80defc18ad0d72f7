// Package web holds what a browser is sent: page templates, the two catalogues
// of strings, and the built scripts, styles and WebAssembly module.
package web

import (
	"embed"
	"io/fs"
)

//go:embed templates/*.html
var templates embed.FS

//go:embed locales/*/*.json
var locales embed.FS

var (
	// Templates holds layout.html and one file for each page.
	Templates = sub(templates, "templates")
	// Locales holds a folder for each language, "tr" and "en", with flat JSON
	// objects from key to text.
	Locales = sub(locales, "locales")
	// Dist holds what `node web/build.mjs` made: files under hashed names, a
	// .br and a .gz beside each, and manifest.json, which maps the logical name
	// ("draw.js") to the hashed one. It is empty before the first build.
	Dist = sub(dist, "dist")
)

func sub(tree embed.FS, dir string) fs.FS {
	inner, err := fs.Sub(tree, dir)
	if err != nil {
		panic(err) // dir is a constant that the embed directives above name
	}
	return inner
}
