/// Comparison of tensors of float64, and the device that tests run on.
module Approx

open System
open Expecto
open DiffSharp

/// NOISESCALE_DEVICE chooses it: the same tests run on a GPU.
let device = lazy Device.Default

/// A float64 tensor on the device of the tests.
let tensor (values: obj) = dsharp.tensor (values, dtype = Dtype.Float64, device = device.Value)

/// Numbers that look random and are the same everywhere: in (low, high), by the golden ratio.
let numbers (shape: int list) (low: float) (high: float) =
    let count = List.fold (*) 1 shape
    let fraction x = x - floor x

    let values =
        [| for i in 1..count -> low + (high - low) * fraction (0.6180339887498949 * float i + 0.137) |]

    (tensor values).view shape

/// The largest difference, relative to the largest magnitude (to 1 where that is smaller).
let difference (actual: Tensor) (expected: Tensor) : float =
    if actual.shape <> expected.shape then
        failtest $"shape {actual.summary ()} in place of {expected.summary ()}"

    if actual.nelement = 0 then
        0.0
    else
        let scale = max 1.0 (float ((expected.abs ()).max()))
        let worst = float ((actual.double () - expected.double ()).abs().max()) / scale
        if Double.IsNaN worst then infinity else worst

let close (tolerance: float) (actual: Tensor) (expected: Tensor) (what: string) =
    let worst = difference actual expected

    if not (worst <= tolerance) then
        failtest $"{what}: differs by {worst} (relative), more than {tolerance}:\n{actual}\nin place of\n{expected}"

/// A property's word on it.
let isClose tolerance actual expected = difference actual expected <= tolerance
