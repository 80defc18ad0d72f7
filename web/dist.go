package web

import "embed"

// dist holds the folder of that name and this file, which the pattern matches too, so
// that the package compiles before the first build.
//
//go:embed dist*
var dist embed.FS
