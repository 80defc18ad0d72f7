;; The SIMD kernel of dense.go, which see: y = x · w + b with w of shape [in, out],
;; row-major. Go's WebAssembly has no SIMD yet, so this module works on Go's memory
;; and is called through dense_js.go.
;;
;; It adds in the order of denseGo: rows of zero inputs are skipped, four rows at a
;; time go into y as y + ((x0·r0 + x1·r1) + (x2·r2 + x3·r3)), what is left over row
;; by row. Every product and every sum is rounded alone (nothing relaxed, nothing
;; fused), so both give the same bits.
;;
;; Addresses are in bytes and unsigned; loads need no alignment. The caller vouches
;; that y and b hold out numbers, x holds in, and w holds in·out.
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

  ;; dense answers 1: it is done.
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
    (i32.const 1)))
