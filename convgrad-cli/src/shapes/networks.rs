//! The convolutions of well-known networks, each shape once, in the order of the network.

use super::Shape;

/// A square convolution with as many pixels around the image as keep its size at stride 1.
struct Layer {
    n: usize,
    c: usize,
    size: usize,
    k: usize,
    window: usize,
    stride: usize,
    groups: usize,
}

impl Layer {
    fn new(c: usize, size: usize, k: usize, window: usize, stride: usize) -> Self {
        Layer {
            n: 1,
            c,
            size,
            k,
            window,
            stride,
            groups: 1,
        }
    }

    fn depthwise(c: usize, size: usize, stride: usize) -> Self {
        Layer {
            groups: c,
            ..Layer::new(c, size, c, 3, stride)
        }
    }
}

/// Numbers the layers from 1.
fn shapes(layers: impl IntoIterator<Item = Layer>) -> Vec<Shape> {
    layers
        .into_iter()
        .enumerate()
        .map(|(index, layer)| Shape {
            name: (index + 1).to_string(),
            n: layer.n,
            c: layer.c,
            h: layer.size,
            w: layer.size,
            k: layer.k,
            r: layer.window,
            s: layer.window,
            stride: [layer.stride; 2],
            pads: [layer.window / 2; 4],
            dilation: [1, 1],
            groups: layer.groups,
        })
        .collect()
}

/// The paper's 20 shapes: the convolutions of MobileNet-V2 that are not depthwise, batch 1.
fn paper_layers() -> impl Iterator<Item = Layer> {
    let pointwise = [
        (32, 112, 16),
        (16, 112, 96),
        (96, 56, 24),
        (24, 56, 144),
        (144, 56, 24),
        (144, 28, 32),
        (32, 28, 192),
        (192, 28, 32),
        (192, 14, 64),
        (64, 14, 384),
        (384, 14, 64),
        (384, 14, 96),
        (96, 14, 576),
        (576, 14, 96),
        (576, 7, 160),
        (160, 7, 960),
        (960, 7, 160),
        (960, 7, 320),
        (320, 7, 1280),
    ];
    std::iter::once(Layer::new(3, 224, 32, 3, 2)).chain(
        pointwise
            .into_iter()
            .map(|(c, size, k)| Layer::new(c, size, k, 1, 1)),
    )
}

/// The paper's 20 shapes.
pub(super) fn paper() -> Vec<Shape> {
    shapes(paper_layers())
}

/// MobileNet-V2: the paper's shapes, then the depthwise ones.
pub(super) fn mobilenetv2() -> Vec<Shape> {
    let depthwise = [
        (32, 112, 1),
        (96, 112, 2),
        (144, 56, 1),
        (144, 56, 2),
        (192, 28, 1),
        (192, 28, 2),
        (384, 14, 1),
        (576, 14, 1),
        (576, 14, 2),
        (960, 7, 1),
    ];
    shapes(
        paper_layers().chain(
            depthwise
                .into_iter()
                .map(|(c, size, stride)| Layer::depthwise(c, size, stride)),
        ),
    )
}

/// The depthwise convolutions of MobileNet-V1.
pub(super) fn depthwise() -> Vec<Shape> {
    let layers = [
        (32, 112, 1),
        (64, 112, 2),
        (128, 56, 1),
        (128, 56, 2),
        (256, 28, 1),
        (256, 28, 2),
        (512, 14, 1),
        (512, 14, 2),
        (1024, 7, 1),
    ];
    shapes(
        layers
            .into_iter()
            .map(|(c, size, stride)| Layer::depthwise(c, size, stride)),
    )
}

/// ResNet-50 (with the stride in the 3×3 convolutions) at a batch size.
pub(super) fn resnet50(n: usize) -> Vec<Shape> {
    let mut layers = vec![Layer::new(3, 224, 64, 7, 2)];
    let (mut c, mut size) = (64, 56);
    for (width, stride) in [(64, 1), (128, 2), (256, 2), (512, 2)] {
        let small = size / stride;
        layers.extend([
            Layer::new(c, size, width, 1, 1),
            Layer::new(width, size, width, 3, stride),
            Layer::new(width, small, 4 * width, 1, 1),
            Layer::new(c, size, 4 * width, 1, stride),
            Layer::new(4 * width, small, width, 1, 1),
            Layer::new(width, small, width, 3, 1),
        ]);
        (c, size) = (4 * width, small);
    }
    unique(layers.into_iter().map(|layer| Layer { n, ..layer }))
}

/// The convolutions of VGG-16.
pub(super) fn vgg16() -> Vec<Shape> {
    let mut layers = Vec::new();
    let (mut c, mut size) = (3, 224);
    for (k, count) in [(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)] {
        for _ in 0..count {
            layers.push(Layer::new(c, size, k, 3, 1));
            c = k;
        }
        size /= 2;
    }
    unique(layers)
}

/// The first of equal layers only, numbered from 1.
fn unique(layers: impl IntoIterator<Item = Layer>) -> Vec<Shape> {
    let mut kept: Vec<Shape> = Vec::new();
    for mut shape in shapes(layers) {
        shape.name = (kept.len() + 1).to_string();
        let same = |other: &Shape| {
            Shape {
                name: shape.name.clone(),
                ..other.clone()
            } == shape
        };
        if !kept.iter().any(same) {
            kept.push(shape);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_have_their_sizes() {
        let sizes = [
            paper().len(),
            resnet50(8).len(),
            mobilenetv2().len(),
            depthwise().len(),
            vgg16().len(),
        ];
        assert_eq!(sizes, [20, 23, 30, 9, 9]);
    }

    #[test]
    fn labels_say_what_is_unusual() {
        let labels: Vec<String> = [&paper()[0], &paper()[1], &depthwise()[1], &resnet50(8)[0]]
            .map(Shape::to_string)
            .into();
        let expected = [
            "3→32 3×3 s2 p1 @224×224",
            "32→16 1×1 @112×112",
            "64→64 3×3 s2 p1 g64 @112×112",
            "3→64 7×7 s2 p3 @224×224 n8",
        ];
        assert_eq!(labels, expected);
    }
}
