// FRACTAL_Z to FRACTAL_Z: channels swapped, the kernel turned by 180 degrees. Twice is the identity.
use convgrad::convgrad;

convgrad! {
    pub converter flip_rot<C1, N1, HW>(Z[C1*HW, N1, 16, 16]) -> FR[N1*HW, C1, 16, 16] requires HW >= 1 {
        FR[j0, j1, j2, j3] = Z[j1*HW + HW - 1 - j0 % HW, j0/HW, j3, j2];
    }
}

fn main() -> Result<(), convgrad::Error> {
    let (c1, n1, hw) = (2, 3, 9);
    let there = FlipRot::new(c1, n1, hw)?;
    let back = FlipRot::new(n1, c1, hw)?;
    let z: Vec<u16> = (0..(c1 * n1 * hw * 256) as u16).collect();
    let (mut turned, mut again) = (vec![0; z.len()], vec![0; z.len()]);
    there.convert(&z, &mut turned)?;
    back.convert(&turned, &mut again)?;
    assert_eq!(again, z);
    // The last tap of channel blocks 0 and 0, transposed, comes first.
    assert_eq!(turned[..3], [8 * 3 * 256, 8 * 3 * 256 + 16, 8 * 3 * 256 + 32]);
    assert!(FlipRot::new(c1, n1, 0).is_err());
    Ok(())
}
