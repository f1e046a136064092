//! A convolution: a module with its options as constants, its geometry, and the three functions.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::docs;
use super::names::identifier;
use super::shape::dimension;
use crate::sema::model::{ConvLayout, Convolution};

/// The expansion of a convolution. `krate` is the path of the crate whose `__private` it names: `::convgrad`.
pub fn convolution(convolution: &Convolution, krate: &TokenStream) -> TokenStream {
    let docs = docs::attributes(&documentation(convolution));
    let (stride, dilation) = (array(&convolution.stride), array(&convolution.dilation));
    let padding = array(&convolution.padding);
    let groups = Literal::u32_unsuffixed(convolution.groups);
    let input = activations(convolution.input);
    let kernel = kernel(convolution.kernel);
    let output = activations(convolution.output);
    let constants = quote! {
        /// Rows and columns from one window to the next.
        pub const STRIDE: [usize; 2] = #stride;
        /// Rows and columns of padding: top, bottom, left, right.
        pub const PADDING: [usize; 4] = #padding;
        /// Rows and columns from one tap of the kernel to the next.
        pub const DILATION: [usize; 2] = #dilation;
        /// Groups of channels that do not see each other.
        pub const GROUPS: usize = #groups;
        /// How the tensors lie in memory.
        pub const FORMATS: cg::convolution::Formats = cg::convolution::Formats {
            input: cg::convolution::ActivationLayout::#input,
            kernel: cg::convolution::KernelLayout::#kernel,
            output: cg::convolution::ActivationLayout::#output,
        };
    };
    let ranks = Ranks {
        input: rank(convolution.input),
        kernel: rank(convolution.kernel),
        output: rank(convolution.output),
    };
    let functions = functions(
        &ranks,
        quote!(cg::convolution::geometry(
            input, kernel, STRIDE, PADDING, DILATION, GROUPS
        )),
        |name, arguments| {
            quote! {
                let conv = cg::convolution::declared(conv, STRIDE, PADDING, DILATION, GROUPS)?;
                cg::convolution::#name(FORMATS, conv, #arguments)
            }
        },
    );
    module(
        &convolution.name.text,
        convolution.public,
        krate,
        quote!(#docs),
        quote!(#constants #functions),
    )
}

/// The stub of a convolution with errors.
pub(super) fn stub(name: &str, public: bool, krate: &TokenStream) -> TokenStream {
    let ranks = Ranks {
        input: None,
        kernel: None,
        output: None,
    };
    let functions = functions(&ranks, quote!(unreachable!()), |_, _| {
        quote!(unreachable!())
    });
    module(
        name,
        public,
        krate,
        quote!(#[doc = " A convolution with errors."]),
        functions,
    )
}

/// Axes of the tensors; None where the errors hide them, and every rank is accepted.
struct Ranks {
    input: Option<usize>,
    kernel: Option<usize>,
    output: Option<usize>,
}

fn functions(
    ranks: &Ranks,
    geometry: TokenStream,
    call: impl Fn(TokenStream, TokenStream) -> TokenStream,
) -> TokenStream {
    // A stub takes arrays of any rank.
    let taken = |rank: Option<usize>| rank.map_or(quote!(impl cg::Dimension), dimension);
    let given = |rank: Option<usize>| rank.map_or(quote!(cg::IxDyn), dimension);
    let (x, k, dy) = (taken(ranks.input), taken(ranks.kernel), taken(ranks.output));
    let (dx, dk, y) = (given(ranks.input), given(ranks.kernel), given(ranks.output));
    let forward = call(quote!(forward), quote!(x, k));
    let backward_input = call(quote!(backward_input), quote!(k, dy));
    let backward_kernel = call(quote!(backward_kernel), quote!(x, dy));
    quote! {
        /// The geometry for an input of `n`, `c`, `h`, `w` and a kernel of `k` output channels and `r` by `s` taps.
        ///
        /// # Errors
        /// An extent of 0, channels that do not fit the groups, and a kernel that is larger than the padded input.
        pub fn geometry(
            input: [usize; 4],
            kernel: [usize; 3],
        ) -> Result<cg::convolution::Conv2d, cg::Error> {
            #geometry
        }

        /// The output, from the input and the kernel.
        ///
        /// # Errors
        /// A geometry with other options than this convolution's; arrays whose shapes are not those of the geometry.
        pub fn forward<T: cg::convolution::Float>(
            conv: &cg::convolution::Conv2d,
            x: &cg::ArrayRef<T, #x>,
            k: &cg::ArrayRef<T, #k>,
        ) -> Result<cg::Array<T, #y>, cg::Error> {
            #forward
        }

        /// The gradient of the input, from the kernel and the gradient of the output.
        ///
        /// # Errors
        /// A geometry with other options than this convolution's; arrays whose shapes are not those of the geometry.
        pub fn backward_input<T: cg::convolution::Float>(
            conv: &cg::convolution::Conv2d,
            k: &cg::ArrayRef<T, #k>,
            dy: &cg::ArrayRef<T, #dy>,
        ) -> Result<cg::Array<T, #dx>, cg::Error> {
            #backward_input
        }

        /// The gradient of the kernel, from the input and the gradient of the output.
        ///
        /// # Errors
        /// A geometry with other options than this convolution's; arrays whose shapes are not those of the geometry.
        pub fn backward_kernel<T: cg::convolution::Float>(
            conv: &cg::convolution::Conv2d,
            x: &cg::ArrayRef<T, #x>,
            dy: &cg::ArrayRef<T, #dy>,
        ) -> Result<cg::Array<T, #dk>, cg::Error> {
            #backward_kernel
        }
    }
}

fn module(
    name: &str,
    public: bool,
    krate: &TokenStream,
    docs: TokenStream,
    content: TokenStream,
) -> TokenStream {
    let name = identifier(match name {
        "self" | "super" | "crate" | "Self" | "_" => "convolution",
        name => name,
    });
    let visibility = public.then(|| quote!(pub));
    quote! {
        #docs
        #[allow(unused, unreachable_pub, clippy::all)]
        #visibility mod #name {
            use #krate::__private as cg;

            #content
        }
    }
}

fn documentation(convolution: &Convolution) -> Vec<String> {
    let pair = |[rows, columns]: [u32; 2]| match rows == columns {
        true => rows.to_string(),
        false => format!("{rows} by {columns}"),
    };
    let [top, bottom, left, right] = convolution.padding;
    let padding = match (top == bottom, left == right, top == left) {
        (true, true, true) => top.to_string(),
        (true, true, false) => format!("{top} by {left}"),
        _ => format!("{top} (top), {bottom} (bottom), {left} (left), {right} (right)"),
    };
    let mut lines = convolution.docs.clone();
    match lines.is_empty() {
        true => lines.push(" A convolution and its gradients.".to_owned()),
        false => lines.push(String::new()),
    }
    lines.push(format!(
        " Input in {}, kernel in {}, output in {}; stride {}, padding {padding}, dilation {}, groups {}.",
        layout(convolution.input),
        layout(convolution.kernel),
        layout(convolution.output),
        pair(convolution.stride),
        pair(convolution.dilation),
        convolution.groups
    ));
    lines
}

fn array(values: &[u32]) -> TokenStream {
    let values = values.iter().map(|value| Literal::u32_unsuffixed(*value));
    quote!([#(#values),*])
}

fn layout(layout: ConvLayout) -> &'static str {
    match layout {
        ConvLayout::Nchw => "NCHW",
        ConvLayout::Nhwc => "NHWC",
        ConvLayout::Nc1hwc0 => "NC1HWC0",
        ConvLayout::FractalZ => "FRACTAL_Z",
    }
}

fn rank(layout: ConvLayout) -> Option<usize> {
    Some(match layout {
        ConvLayout::Nc1hwc0 => 5,
        ConvLayout::Nchw | ConvLayout::Nhwc | ConvLayout::FractalZ => 4,
    })
}

/// The runtime's name of an activation layout.
fn activations(layout: ConvLayout) -> TokenStream {
    match layout {
        ConvLayout::Nhwc => quote!(Nhwc),
        ConvLayout::Nc1hwc0 => quote!(Nc1hwc0),
        // The front end refuses kernel layouts here.
        ConvLayout::Nchw | ConvLayout::FractalZ => quote!(Nchw),
    }
}

/// The runtime's name of a kernel layout.
fn kernel(layout: ConvLayout) -> TokenStream {
    match layout {
        ConvLayout::Nhwc => quote!(Krsc),
        ConvLayout::FractalZ => quote!(FractalZ),
        // The front end refuses activation layouts here.
        ConvLayout::Nchw | ConvLayout::Nc1hwc0 => quote!(Kcrs),
    }
}
