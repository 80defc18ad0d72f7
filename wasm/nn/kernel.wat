;; The SIMD kernel of dense.go and conv.go, which see: y = x · w + b with w of shape
;; [in, out], row-major, and the same at every place of an image. Go's WebAssembly
;; has no SIMD yet, so this module works on Go's memory and is called through
;; kernel_js.go.
;;
;; dense adds in the order of denseGo: rows of zero inputs are skipped, four rows at a
;; time go into y as y + ((x0·r0 + x1·r1) + (x2·r2 + x3·r3)), what is left over row
;; by row. Every product and every sum is rounded alone (nothing relaxed, nothing
;; fused), so both give the same bits.
;;
;; Addresses are in bytes and unsigned; loads need no alignment. The caller vouches
;; that y and b hold out numbers, x holds in, and w holds in·out. Each function
;; answers 1: it is done; or 0: the widths are not its own, and nothing is written.
(module
  (memory (import "go" "mem") 0)

  ;; $rows adds four rows to y, up to the address $end.
  (func $rows (param $y i32) (param $end i32)
    (param $r0 i32) (param $r1 i32) (param $r2 i32) (param $r3 i32)
    (param $x0 f32) (param $x1 f32) (param $x2 f32) (param $x3 f32)
    (local $v0 v128) (local $v1 v128) (local $v2 v128) (local $v3 v128)
    (local $tail i32) ;; where the last, incomplete group of four begins
    (local.set $v0 (f32x4.splat (local.get $x0)))
    (local.set $v1 (f32x4.splat (local.get $x1)))
    (local.set $v2 (f32x4.splat (local.get $x2)))
    (local.set $v3 (f32x4.splat (local.get $x3)))
    (local.set $tail (i32.sub (local.get $end)
      (i32.and (i32.sub (local.get $end) (local.get $y)) (i32.const 15))))
    (block $four_done (loop $four
      (br_if $four_done (i32.ge_u (local.get $y) (local.get $tail)))
      (v128.store align=4 (local.get $y)
        (f32x4.add (v128.load align=4 (local.get $y))
          (f32x4.add
            (f32x4.add
              (f32x4.mul (local.get $v0) (v128.load align=4 (local.get $r0)))
              (f32x4.mul (local.get $v1) (v128.load align=4 (local.get $r1))))
            (f32x4.add
              (f32x4.mul (local.get $v2) (v128.load align=4 (local.get $r2)))
              (f32x4.mul (local.get $v3) (v128.load align=4 (local.get $r3)))))))
      (local.set $y (i32.add (local.get $y) (i32.const 16)))
      (local.set $r0 (i32.add (local.get $r0) (i32.const 16)))
      (local.set $r1 (i32.add (local.get $r1) (i32.const 16)))
      (local.set $r2 (i32.add (local.get $r2) (i32.const 16)))
      (local.set $r3 (i32.add (local.get $r3) (i32.const 16)))
      (br $four)))
    (block $one_done (loop $one
      (br_if $one_done (i32.ge_u (local.get $y) (local.get $end)))
      (f32.store (local.get $y)
        (f32.add (f32.load (local.get $y))
          (f32.add
            (f32.add
              (f32.mul (local.get $x0) (f32.load (local.get $r0)))
              (f32.mul (local.get $x1) (f32.load (local.get $r1))))
            (f32.add
              (f32.mul (local.get $x2) (f32.load (local.get $r2)))
              (f32.mul (local.get $x3) (f32.load (local.get $r3)))))))
      (local.set $y (i32.add (local.get $y) (i32.const 4)))
      (local.set $r0 (i32.add (local.get $r0) (i32.const 4)))
      (local.set $r1 (i32.add (local.get $r1) (i32.const 4)))
      (local.set $r2 (i32.add (local.get $r2) (i32.const 4)))
      (local.set $r3 (i32.add (local.get $r3) (i32.const 4)))
      (br $one))))

  ;; $row adds one row to y, up to the address $end. At most three in a call of
  ;; dense come here, so it does without SIMD.
  (func $row (param $y i32) (param $end i32) (param $r i32) (param $x f32)
    (block $done (loop $one
      (br_if $done (i32.ge_u (local.get $y) (local.get $end)))
      (f32.store (local.get $y)
        (f32.add (f32.load (local.get $y))
          (f32.mul (local.get $x) (f32.load (local.get $r)))))
      (local.set $y (i32.add (local.get $y) (i32.const 4)))
      (local.set $r (i32.add (local.get $r) (i32.const 4)))
      (br $one))))

  (func (export "dense") (param $y i32) (param $x i32) (param $w i32) (param $b i32)
    (param $in i32) (param $out i32) (result i32)
    (local $end i32) (local $x_end i32) (local $size i32) (local $v f32)
    ;; The last four rows met, the newest in $r3, and how many of them wait.
    (local $r0 i32) (local $r1 i32) (local $r2 i32) (local $r3 i32)
    (local $x0 f32) (local $x1 f32) (local $x2 f32) (local $x3 f32)
    (local $waiting i32)
    (local.set $size (i32.shl (local.get $out) (i32.const 2)))
    (local.set $end (i32.add (local.get $y) (local.get $size)))
    (local.set $x_end (i32.add (local.get $x) (i32.shl (local.get $in) (i32.const 2))))
    (memory.copy (local.get $y) (local.get $b) (local.get $size))
    (block $done (loop $next
      (br_if $done (i32.ge_u (local.get $x) (local.get $x_end)))
      (local.set $v (f32.load (local.get $x)))
      (if (f32.ne (local.get $v) (f32.const 0)) (then ;; true for NaN, as in Go
        (local.set $r0 (local.get $r1)) (local.set $x0 (local.get $x1))
        (local.set $r1 (local.get $r2)) (local.set $x1 (local.get $x2))
        (local.set $r2 (local.get $r3)) (local.set $x2 (local.get $x3))
        (local.set $r3 (local.get $w)) (local.set $x3 (local.get $v))
        (local.set $waiting (i32.add (local.get $waiting) (i32.const 1)))
        (if (i32.eq (local.get $waiting) (i32.const 4)) (then
          (call $rows (local.get $y) (local.get $end)
            (local.get $r0) (local.get $r1) (local.get $r2) (local.get $r3)
            (local.get $x0) (local.get $x1) (local.get $x2) (local.get $x3))
          (local.set $waiting (i32.const 0))))))
      (local.set $w (i32.add (local.get $w) (local.get $size)))
      (local.set $x (i32.add (local.get $x) (i32.const 4)))
      (br $next)))
    (if (i32.ge_u (local.get $waiting) (i32.const 3)) (then
      (call $row (local.get $y) (local.get $end) (local.get $r1) (local.get $x1))))
    (if (i32.ge_u (local.get $waiting) (i32.const 2)) (then
      (call $row (local.get $y) (local.get $end) (local.get $r2) (local.get $x2))))
    (if (i32.ge_u (local.get $waiting) (i32.const 1)) (then
      (call $row (local.get $y) (local.get $end) (local.get $r3) (local.get $x3))))
    (i32.const 1))

  ;; conv computes a convolution in steps of one place: y [height, width, units] from
  ;; a frame [height + side - 1, width + side - 1, in] and w [side, side, in, units].
  ;; Of every four places it first packs what they see, less what is zero for all of
  ;; them, as much is after a rectifier: the four values and where their weights are,
  ;; 20 bytes, to p, where there is room for side·side·in of these. Then eight units at
  ;; a time stay in registers. Of a row that four do not divide the
  ;; last places are computed twice. Each unit sums its bias and then the products in
  ;; the order of w, as convGo does, and is then put between the bounds $low and $high,
  ;; which are compared as relu compares, by bits. It is not for fewer than four places
  ;; in a row or units that eight do not divide.
  (func (export "conv") (param $y i32) (param $f i32) (param $w i32) (param $b i32) (param $p i32)
    (param $in i32) (param $side i32) (param $width i32) (param $height i32) (param $units i32)
    (param $low i32) (param $high i32) (result i32)
    ;; Bytes from place to place, from row to row, along a kernel's row, and from one
    ;; input's weights to the next one's.
    (local $place i32) (local $line i32) (local $run i32) (local $stride i32)
    (local $row i32) (local $col i32) (local $c i32) (local $dy i32) (local $end i32) (local $o i32) (local $wp i32)
    (local $a0 i32) (local $a1 i32) (local $a2 i32) (local $a3 i32)
    (local $packed i32) (local $q i32) ;; the end of what is packed, and a place in it
    (local $v0 i32) (local $v1 i32) (local $v2 i32) (local $v3 i32)
    (local $v v128) (local $w0 v128) (local $w1 v128) (local $lows v128) (local $highs v128)
    (local $s00 v128) (local $s01 v128) (local $s10 v128) (local $s11 v128) (local $s20 v128) (local $s21 v128) (local $s30 v128) (local $s31 v128)
    (if (i32.or (i32.lt_u (local.get $width) (i32.const 4)) (i32.and (local.get $units) (i32.const 7))) (then
      (return (i32.const 0))))
    (local.set $lows (i32x4.splat (local.get $low)))
    (local.set $highs (i32x4.splat (local.get $high)))
    (local.set $place (i32.shl (local.get $in) (i32.const 2)))
    (local.set $run (i32.mul (local.get $side) (local.get $place)))
    (local.set $line (i32.mul (i32.sub (i32.add (local.get $width) (local.get $side)) (i32.const 1)) (local.get $place)))
    (local.set $stride (i32.shl (local.get $units) (i32.const 2)))
    (loop $next_row
      (local.set $col (i32.const 0))
      (loop $next_places
        (if (i32.gt_u (local.get $col) (i32.sub (local.get $width) (i32.const 4))) (then
          (local.set $col (i32.sub (local.get $width) (i32.const 4)))))
        (local.set $a0 (i32.add (local.get $f) (i32.add
          (i32.mul (local.get $row) (local.get $line)) (i32.mul (local.get $col) (local.get $place)))))
        (local.set $a1 (i32.add (local.get $a0) (local.get $place)))
        (local.set $a2 (i32.add (local.get $a1) (local.get $place)))
        (local.set $a3 (i32.add (local.get $a2) (local.get $place)))
        (local.set $wp (local.get $w))
        (local.set $packed (local.get $p))
        (local.set $dy (local.get $side))
        (loop $next_line
          (local.set $end (i32.add (local.get $a0) (local.get $run)))
          (loop $pack
            ;; Written whether or not it stays: a branch here would be mispredicted too often.
            (i32.store (local.get $packed) (local.tee $v0 (i32.load (local.get $a0))))
            (i32.store offset=4 (local.get $packed) (local.tee $v1 (i32.load (local.get $a1))))
            (i32.store offset=8 (local.get $packed) (local.tee $v2 (i32.load (local.get $a2))))
            (i32.store offset=12 (local.get $packed) (local.tee $v3 (i32.load (local.get $a3))))
            (i32.store offset=16 (local.get $packed) (local.get $wp))
            (local.set $packed (i32.add (local.get $packed) (select (i32.const 20) (i32.const 0)
              (i32.or (i32.or (local.get $v0) (local.get $v1)) (i32.or (local.get $v2) (local.get $v3))))))
            (local.set $wp (i32.add (local.get $wp) (local.get $stride)))
            (local.set $a1 (i32.add (local.get $a1) (i32.const 4)))
            (local.set $a2 (i32.add (local.get $a2) (i32.const 4)))
            (local.set $a3 (i32.add (local.get $a3) (i32.const 4)))
            (br_if $pack (i32.lt_u (local.tee $a0 (i32.add (local.get $a0) (i32.const 4))) (local.get $end))))
          (local.set $end (i32.sub (local.get $line) (local.get $run)))
          (local.set $a0 (i32.add (local.get $a0) (local.get $end)))
          (local.set $a1 (i32.add (local.get $a1) (local.get $end)))
          (local.set $a2 (i32.add (local.get $a2) (local.get $end)))
          (local.set $a3 (i32.add (local.get $a3) (local.get $end)))
          (br_if $next_line (local.tee $dy (i32.sub (local.get $dy) (i32.const 1)))))
        (local.set $c (i32.const 0))
        (loop $next_units
        (local.set $s00 (v128.load align=4 (i32.add (local.get $b) (local.get $c))))
        (local.set $s01 (v128.load offset=16 align=4 (i32.add (local.get $b) (local.get $c))))
        (local.set $s10 (local.get $s00)) (local.set $s11 (local.get $s01))
        (local.set $s20 (local.get $s00)) (local.set $s21 (local.get $s01))
        (local.set $s30 (local.get $s00)) (local.set $s31 (local.get $s01))
        (local.set $q (local.get $p))
        (block $done (loop $next
          (br_if $done (i32.ge_u (local.get $q) (local.get $packed)))
          (local.set $wp (i32.add (i32.load offset=16 (local.get $q)) (local.get $c)))
          (local.set $w0 (v128.load align=4 (local.get $wp)))
          (local.set $w1 (v128.load offset=16 align=4 (local.get $wp)))
          (local.set $v (v128.load32_splat (local.get $q)))
          (local.set $s00 (f32x4.add (local.get $s00) (f32x4.mul (local.get $v) (local.get $w0))))
          (local.set $s01 (f32x4.add (local.get $s01) (f32x4.mul (local.get $v) (local.get $w1))))
          (local.set $v (v128.load32_splat offset=4 (local.get $q)))
          (local.set $s10 (f32x4.add (local.get $s10) (f32x4.mul (local.get $v) (local.get $w0))))
          (local.set $s11 (f32x4.add (local.get $s11) (f32x4.mul (local.get $v) (local.get $w1))))
          (local.set $v (v128.load32_splat offset=8 (local.get $q)))
          (local.set $s20 (f32x4.add (local.get $s20) (f32x4.mul (local.get $v) (local.get $w0))))
          (local.set $s21 (f32x4.add (local.get $s21) (f32x4.mul (local.get $v) (local.get $w1))))
          (local.set $v (v128.load32_splat offset=12 (local.get $q)))
          (local.set $s30 (f32x4.add (local.get $s30) (f32x4.mul (local.get $v) (local.get $w0))))
          (local.set $s31 (f32x4.add (local.get $s31) (f32x4.mul (local.get $v) (local.get $w1))))
          (local.set $q (i32.add (local.get $q) (i32.const 20)))
          (br $next)))
        (local.set $o (i32.add (i32.add (local.get $y) (local.get $c))
          (i32.mul (i32.add (i32.mul (local.get $row) (local.get $width)) (local.get $col)) (local.get $stride))))
        (v128.store align=4 (local.get $o) (i32x4.min_s (i32x4.max_s (local.get $s00) (local.get $lows)) (local.get $highs)))
        (v128.store offset=16 align=4 (local.get $o) (i32x4.min_s (i32x4.max_s (local.get $s01) (local.get $lows)) (local.get $highs)))
        (local.set $o (i32.add (local.get $o) (local.get $stride)))
        (v128.store align=4 (local.get $o) (i32x4.min_s (i32x4.max_s (local.get $s10) (local.get $lows)) (local.get $highs)))
        (v128.store offset=16 align=4 (local.get $o) (i32x4.min_s (i32x4.max_s (local.get $s11) (local.get $lows)) (local.get $highs)))
        (local.set $o (i32.add (local.get $o) (local.get $stride)))
        (v128.store align=4 (local.get $o) (i32x4.min_s (i32x4.max_s (local.get $s20) (local.get $lows)) (local.get $highs)))
        (v128.store offset=16 align=4 (local.get $o) (i32x4.min_s (i32x4.max_s (local.get $s21) (local.get $lows)) (local.get $highs)))
        (local.set $o (i32.add (local.get $o) (local.get $stride)))
        (v128.store align=4 (local.get $o) (i32x4.min_s (i32x4.max_s (local.get $s30) (local.get $lows)) (local.get $highs)))
        (v128.store offset=16 align=4 (local.get $o) (i32x4.min_s (i32x4.max_s (local.get $s31) (local.get $lows)) (local.get $highs)))
        (br_if $next_units (i32.lt_u (local.tee $c (i32.add (local.get $c) (i32.const 32))) (local.get $stride))))
        (br_if $next_places (i32.lt_u (local.tee $col (i32.add (local.get $col) (i32.const 4))) (local.get $width))))
      (br_if $next_row (i32.lt_u (local.tee $row (i32.add (local.get $row) (i32.const 1))) (local.get $height))))
    (i32.const 1))

  ;; pool writes the largest of each two by two places of x [height, width, channels] to
  ;; y, activations being in the order of their bits. It is not for channels that four
  ;; do not divide.
  (func (export "pool") (param $y i32) (param $x i32) (param $height i32) (param $width i32) (param $channels i32) (result i32)
    (local $line i32) (local $a i32) (local $b i32) (local $row_end i32) (local $place_end i32)
    (if (i32.and (local.get $channels) (i32.const 3)) (then (return (i32.const 0))))
    (local.set $channels (i32.shl (local.get $channels) (i32.const 2))) ;; in bytes
    (local.set $line (i32.mul (local.get $width) (local.get $channels)))
    (local.set $width (i32.mul (i32.shr_u (local.get $width) (i32.const 1)) (i32.shl (local.get $channels) (i32.const 1))))
    (local.set $height (i32.shr_u (local.get $height) (i32.const 1)))
    (block $done (loop $next_row
      (br_if $done (i32.eqz (local.get $height)))
      (local.set $height (i32.sub (local.get $height) (i32.const 1)))
      (local.set $a (local.get $x))
      (local.set $row_end (i32.add (local.get $a) (local.get $width)))
      (block $row_done (loop $next_place
        (br_if $row_done (i32.ge_u (local.get $a) (local.get $row_end)))
        (local.set $place_end (i32.add (local.get $a) (local.get $channels)))
        (loop $next
          (local.set $b (i32.add (local.get $a) (local.get $channels)))
          (v128.store align=4 (local.get $y) (i32x4.max_u
            (i32x4.max_u (v128.load align=4 (local.get $a)) (v128.load align=4 (local.get $b)))
            (i32x4.max_u
              (v128.load align=4 (i32.add (local.get $a) (local.get $line)))
              (v128.load align=4 (i32.add (local.get $b) (local.get $line))))))
          (local.set $y (i32.add (local.get $y) (i32.const 16)))
          (br_if $next (i32.lt_u (local.tee $a (i32.add (local.get $a) (i32.const 16))) (local.get $place_end))))
        (local.set $a (i32.add (local.get $a) (local.get $channels)))
        (br $next_place)))
      (local.set $x (i32.add (local.get $x) (i32.shl (local.get $line) (i32.const 1))))
      (br $next_row)))
    (i32.const 1))

  ;; strongest writes the largest of each channel's values in y [places, channels], which
  ;; are activations too, to m. It is not for channels that four do not divide.
  (func (export "strongest") (param $m i32) (param $y i32) (param $places i32) (param $channels i32) (result i32)
    (local $end i32) (local $at i32) (local $y_end i32) (local $v v128)
    (if (i32.and (local.get $channels) (i32.const 3)) (then (return (i32.const 0))))
    (local.set $channels (i32.shl (local.get $channels) (i32.const 2))) ;; in bytes
    (local.set $end (i32.add (local.get $m) (local.get $channels)))
    (local.set $y_end (i32.add (local.get $y) (i32.mul (local.get $places) (local.get $channels))))
    (loop $next_channels
      (local.set $v (v128.load align=4 (local.get $y)))
      (local.set $at (local.get $y))
      (loop $next
        (local.set $v (i32x4.max_u (local.get $v) (v128.load align=4 (local.get $at))))
        (br_if $next (i32.lt_u (local.tee $at (i32.add (local.get $at) (local.get $channels))) (local.get $y_end))))
      (v128.store align=4 (local.get $m) (local.get $v))
      (local.set $y (i32.add (local.get $y) (i32.const 16)))
      (br_if $next_channels (i32.lt_u (local.tee $m (i32.add (local.get $m) (i32.const 16))) (local.get $end))))
    (i32.const 1)))
