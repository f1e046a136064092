use convgrad::convgrad;

convgrad! {
    convolution stem { input NCHW, kernel NCHW, stride 0, stride 2, colour 3 }
}

fn main() {}
