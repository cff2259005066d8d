// Fig 8: the learning curves of Fig 3 with L2 regularisation: the gap between small and full batch shrinks.
#load "curves.fsx"

open Curves
open Settings

publishCurves
    "fig8"
    "Figure 8: the same with L2 regularisation"
    (0.0 :: profile.Regularisers)
    "with an L2 coefficient of 0.1 the gap shrinks strongly (Fig 8, appendix B)"
