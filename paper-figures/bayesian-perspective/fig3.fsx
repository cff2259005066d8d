// Fig 3: learning curves of a small batch and of the full batch, without regularisation.
#load "curves.fsx"

open Curves

publishCurves
    "fig3"
    "Figure 3: small batch and full batch"
    [ 0.0 ]
    "the small batch generalises better, in accuracy and in cross-entropy (Fig 3, B = 30 and 1000 at ε = 1)"
